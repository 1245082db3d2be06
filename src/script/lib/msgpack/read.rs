//! The items of a stream of MessagePack, one after the other. A list or a map is an item that says how many follow; whoever
//! reads keeps count of them.

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item<'a> {
    Nil,
    Boolean(bool),
    Number(f64),
    Bytes(&'a [u8]),
    /// So many items follow.
    Array(usize),
    /// So many pairs follow, keys first.
    Map(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The stream ends inside of an item.
    Short,
    /// No item begins so.
    Unknown,
}

/// Takes an item from the front of `rest`; after a fault, `rest` is what it was.
pub fn take<'a>(rest: &mut &'a [u8]) -> Result<Item<'a>, Fault> {
    let mut after = *rest;
    let item = item(&mut after)?;
    *rest = after;
    Ok(item)
}

fn item<'a>(rest: &mut &'a [u8]) -> Result<Item<'a>, Fault> {
    let [tag] = bytes(rest)?;
    Ok(match tag {
        0..=0x7f => Item::Number(f64::from(tag)),
        0x80..=0x8f => Item::Map(usize::from(tag & 0xf)),
        0x90..=0x9f => Item::Array(usize::from(tag & 0xf)),
        0xa0..=0xbf => Item::Bytes(some(rest, usize::from(tag & 0x1f))?),
        0xc0 => Item::Nil,
        0xc2 => Item::Boolean(false),
        0xc3 => Item::Boolean(true),
        0xca => Item::Number(f64::from(f32::from_be_bytes(bytes(rest)?))),
        0xcb => Item::Number(f64::from_be_bytes(bytes(rest)?)),
        0xcc => Item::Number(f64::from(u8::from_be_bytes(bytes(rest)?))),
        0xcd => Item::Number(f64::from(u16::from_be_bytes(bytes(rest)?))),
        0xce => Item::Number(f64::from(u32::from_be_bytes(bytes(rest)?))),
        // Unsigned ones of 64 bits become signed on their way into a number of Lua, as Lua's own integers are.
        0xcf | 0xd3 => Item::Number(i64::from_be_bytes(bytes(rest)?) as f64),
        0xd0 => Item::Number(f64::from(i8::from_be_bytes(bytes(rest)?))),
        0xd1 => Item::Number(f64::from(i16::from_be_bytes(bytes(rest)?))),
        0xd2 => Item::Number(f64::from(i32::from_be_bytes(bytes(rest)?))),
        0xd9 => {
            let len = usize::from(u8::from_be_bytes(bytes(rest)?));
            Item::Bytes(some(rest, len)?)
        }
        0xda => {
            let len = short(rest)?;
            Item::Bytes(some(rest, len)?)
        }
        0xdb => {
            let len = long(rest)?;
            Item::Bytes(some(rest, len)?)
        }
        0xdc => Item::Array(short(rest)?),
        0xdd => Item::Array(long(rest)?),
        0xde => Item::Map(short(rest)?),
        0xdf => Item::Map(long(rest)?),
        0xe0.. => Item::Number(f64::from(tag as i8)),
        0xc1 | 0xc4..=0xc9 | 0xd4..=0xd8 => return Err(Fault::Unknown),
    })
}

fn some<'a>(rest: &mut &'a [u8], len: usize) -> Result<&'a [u8], Fault> {
    let (bytes, after) = rest.split_at_checked(len).ok_or(Fault::Short)?;
    *rest = after;
    Ok(bytes)
}

fn bytes<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Fault> {
    let (bytes, after) = rest.split_first_chunk().ok_or(Fault::Short)?;
    *rest = after;
    Ok(*bytes)
}

fn short(rest: &mut &[u8]) -> Result<usize, Fault> {
    Ok(usize::from(u16::from_be_bytes(bytes(rest)?)))
}

fn long(rest: &mut &[u8]) -> Result<usize, Fault> {
    Ok(u32::from_be_bytes(bytes(rest)?) as usize)
}
