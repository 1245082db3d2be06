//! Recorded commands, one by one: how they were cut into steps is not what a log says.

/// A recorded command: the clock reading, the database, the id of the row, its atoms as they stand in the record.
#[derive(PartialEq)]
pub struct Logged {
    now_ms: u64,
    db: u8,
    id: u16,
    atoms: Vec<u8>,
}

impl std::fmt::Debug for Logged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = tenondb::commands().find(|spec| spec.id == self.id).map_or("?", |spec| spec.name);
        write!(f, "{}: db {}: {name} {}", self.now_ms, self.db, self.atoms.escape_ascii())
    }
}

/// Takes steps apart: clock readings and records.
pub fn commands<'s>(steps: impl Iterator<Item = (u64, &'s [u8])>) -> Vec<Logged> {
    let mut all = Vec::new();
    for (now_ms, mut rest) in steps {
        let mut db = 0;
        while let Some((&tag, after)) = rest.split_first() {
            let len = match tag {
                b'd' => 1,
                b'c' => 2,
                b'b' => 4 + u32::from_le_bytes(*after.first_chunk().unwrap()) as usize,
                b'f' => 8,
                // A varint: it ends with the first byte whose top bit is not set.
                b'v' => 1 + after.iter().take_while(|byte| **byte >= 0x80).count(),
                0x80.. => usize::from(tag - 0x80),
                other => panic!("a record with {other:?}"),
            };
            let (body, left) = after.split_at(len);
            match tag {
                b'd' => db = body[0],
                b'c' => {
                    let id = u16::from_le_bytes(*body.first_chunk().unwrap());
                    all.push(Logged { now_ms, db, id, atoms: Vec::new() });
                }
                _ => all.last_mut().unwrap().atoms.extend_from_slice(&rest[..=len]),
            }
            rest = left;
        }
    }
    all
}
