// Reads the sessions of tests/conformance, and replies of RESP. Bytes are strings of one character a byte (latin1), so that they can be
// compared and sorted; a reply is `[type, value]`.

/** Lines with their numbers; one that starts with a space goes on with the line before. */
function logicalLines(text) {
  const lines = [];
  text.split('\n').forEach((line, index) => {
    if (/^[ \t]/.test(line) && line.trim() !== '' && lines.length > 0) lines[lines.length - 1].text += ` ${line.trim()}`;
    else lines.push({ at: index + 1, text: line });
  });
  return lines;
}

/** The sections of a file: `{resp, settings, items}`; an item is `{wait}` or `{line, client, argv, replies}`. */
export function parse(bytes) {
  const empty = () => ({ resp: 2, settings: [], items: [] });
  const sections = [empty()];
  for (const { at, text } of logicalLines(bytes)) {
    const section = sections[sections.length - 1];
    const line = text.trim();
    const command = /^([1-9]?)>(.*)$/s.exec(line);
    const wait = /^\(wait (\d+) ms\)$/.exec(line);
    const directive = /^#\s*(resp|encodings):\s*(.*)$/.exec(line);
    if (line === '---') sections.push(empty());
    else if (command) {
      section.items.push({ line: at, client: Number(command[1] || 1), argv: splitCommand(command[2]), replies: [], text: line });
    } else if (directive?.[1] === 'resp') section.resp = Number(directive[2]);
    else if (directive) {
      const [parameter, ...rest] = directive[2].split(' ');
      section.settings.push(...rest.join(' ').split('|').map((value) => [parameter, value.trim()]));
    } else if (line === '' || line.startsWith('#')) continue;
    else if (wait) section.items.push({ wait: Number(wait[1]) });
    else section.items[section.items.length - 1].replies.push(parseExpectation(line));
  }
  return sections;
}

function splitCommand(line) {
  const words = [];
  let rest = line.trimStart();
  while (rest !== '') {
    let word;
    let length;
    if (rest[0] === '"' || rest[0] === "'") [word, length] = unquote(rest);
    else {
      length = /\s/.exec(rest)?.index ?? rest.length;
      word = rest.slice(0, length);
    }
    words.push(word);
    rest = rest.slice(length).trimStart();
  }
  return words;
}

const ESCAPES = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

/** The string between quotes at the start of `text`, and the length of what was read. */
function unquote(text) {
  const quote = text[0];
  let out = '';
  for (let at = 1; at < text.length; at++) {
    if (text[at] === quote) return [out, at + 1];
    if (text[at] !== '\\') out += text[at];
    else if (quote === "'") out += text[at + 1] === "'" ? text[++at] : '\\';
    else if (text[at + 1] === 'x') {
      out += String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 4), 16));
      at += 3;
    } else out += ESCAPES[text[++at]] ?? text[at];
  }
  throw new Error(`a quote is not closed: ${text}`);
}

function parseExpectation(line) {
  if (line.startsWith('! ')) return { how: 'exactly', value: ['error', line.slice(2)] };
  for (const how of ['any order', 'any pairs']) {
    if (line.startsWith(`(${how})`)) return { how, value: parseValue(line.slice(how.length + 2)) };
  }
  if (line === '(no reply)') return { how: 'silence' };
  const about = /^\(about (-?\d+)\)$/.exec(line);
  if (about) return { how: 'about', value: Number(about[1]) };
  const any = /^\(any ?([a-z ]*)\)$/.exec(line);
  if (any) return { how: 'any', value: any[1] };
  return { how: 'exactly', value: parseValue(line) };
}

/** Reads a reply from its notation. */
function parseValue(text) {
  let rest = text;
  const eat = (prefix) => {
    rest = rest.trimStart();
    if (!rest.startsWith(prefix)) return false;
    rest = rest.slice(prefix.length);
    return true;
  };
  const quoted = () => {
    rest = rest.trimStart();
    const [word, length] = unquote(rest);
    rest = rest.slice(length);
    return word;
  };
  const matched = (pattern) => {
    const found = pattern.exec(rest)[0];
    rest = rest.slice(found.length);
    return found;
  };
  const word = () => {
    if (rest[0] === '"') return quoted();
    const found = /^[^ ,\]}\t]*/.exec(rest)[0].replace(/:$/, '');
    rest = rest.slice(found.length);
    return found;
  };
  const list = () => {
    const items = [];
    if (!eat('[')) throw new Error(`a list is missing: ${rest}`);
    while (!eat(']')) {
      items.push(value());
      eat(',');
    }
    return items;
  };
  const marked = () => {
    eat('(');
    const mark = matched(/^[^)]*/);
    eat(')');
    rest = rest.trimStart();
    if (mark === 'nil' || mark === 'nil list') return [mark];
    if (mark === 'true' || mark === 'false') return ['bool', mark === 'true'];
    if (mark === 'double' || mark === 'bignum') return [mark, matched(/^[^,\]}: \t]*/)];
    if (mark === 'set' || mark === 'push') return [mark, list()];
    if (mark.startsWith('text')) return ['verbatim', `${mark.slice(5) || 'txt'}:${quoted()}`];
    throw new Error(`unknown mark (${mark})`);
  };
  const value = () => {
    rest = rest.trimStart();
    if (rest[0] === '(') return marked();
    if (rest[0] === '[') return ['list', list()];
    if (eat('{')) {
      const pairs = [];
      while (!eat('}')) {
        const name = value();
        eat(':');
        pairs.push([name, value()]);
        eat(',');
      }
      return ['map', pairs];
    }
    if (eat('+')) return ['status', word()];
    if (eat('!')) return ['error', eat('!') ? quoted() : quoted()];
    if (/^[-0-9]/.test(rest)) return ['int', matched(/^[-0-9]+/)];
    return ['bulk', word()];
  };
  const result = value();
  if (rest.trim() !== '') throw new Error(`text behind a reply: ${rest}`);
  return result;
}

/** Reads all replies of `bytes`, which are whole. */
export function readReplies(bytes) {
  let at = 0;
  const line = () => {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) throw new Error('a reply is cut off');
    const found = bytes.slice(at, end);
    at = end + 2;
    return found;
  };
  const counted = (length) => {
    const found = bytes.slice(at, at + length);
    at += length + 2;
    return found;
  };
  const many = (count) => Array.from({ length: count }, () => read());
  const read = () => {
    const [kind, text] = [bytes[at], (at++, line())];
    switch (kind) {
      case '+': return ['status', text];
      case '-': return ['error', text];
      case ':': return ['int', text];
      case ',': return ['double', text];
      case '(': return ['bignum', text];
      case '#': return ['bool', text === 't'];
      case '_': return ['nil'];
      case '$': return text === '-1' ? ['nil'] : ['bulk', counted(Number(text))];
      case '!': return ['error', counted(Number(text))];
      case '=': return ['verbatim', counted(Number(text))];
      case '*': return text === '-1' ? ['nil list'] : ['list', many(Number(text))];
      case '~': return ['set', many(Number(text))];
      case '>': return ['push', many(Number(text))];
      case '%': return ['map', Array.from({ length: Number(text) }, () => [read(), read()])];
      default: throw new Error(`no RESP: ${JSON.stringify(kind + text)}`);
    }
  };
  const replies = [];
  while (at < bytes.length) replies.push(read());
  return replies;
}

const key = (value) => JSON.stringify(value);
const sorted = (values) => values.map(key).sort();
const inPairs = (values) => values.flatMap((value, at) => (at % 2 === 0 ? [[value, values[at + 1]]] : []));

/** Whether a reply is what is expected. */
export function accepts({ how, value: expected }, reply) {
  const [kind, value] = reply;
  switch (how) {
    case 'exactly': return key(expected) === key(reply);
    case 'any order': return expected[0] === kind && key(sorted(expected[1])) === key(sorted(value));
    case 'any pairs': return kind === 'list' && key(sorted(inPairs(expected[1]))) === key(sorted(inPairs(value)));
    case 'about': return kind === 'int' && Math.abs(Number(value) - expected) <= Math.max(2, Math.abs(expected) / 50);
    case 'any': return expected === '' ? kind !== 'error' : kind === expected;
    default: return false;
  }
}

/** Whether the replies of one command are what is expected. */
export function fits(expected, replies) {
  if (expected.length === 1 && expected[0].how === 'silence') return replies.length === 0;
  return expected.length === replies.length && expected.every((each, at) => accepts(each, replies[at]));
}
