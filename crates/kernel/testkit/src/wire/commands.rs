use parking_lot::Mutex;
use std::{collections::BTreeSet, sync::Arc};

/// What a MongoDB message begins with: its length, two numbers, and what it is.
const HEADER: usize = 16;
const OP_MSG: i32 = 2013;
const OP_QUERY: i32 = 2004;

/// The names of the MongoDB commands that were sent over a wire.
#[derive(Debug, Clone, Default)]
pub(super) struct Commands(Arc<Mutex<BTreeSet<String>>>);

impl Commands {
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0.lock().clone()
    }

    /// Puts the messages of one connection together again.
    pub(super) fn of_connection(&self) -> Listener {
        Listener {
            commands: self.clone(),
            bytes: Vec::new(),
        }
    }
}

/// Listens to one connection.
#[derive(Debug)]
pub(super) struct Listener {
    commands: Commands,
    bytes: Vec<u8>,
}

impl Listener {
    pub(super) fn hear(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
        while let Some(length) = number(&self.bytes, 0).and_then(|length| usize::try_from(length).ok()) {
            if length < HEADER || self.bytes.len() < length {
                return;
            }
            let message: Vec<u8> = self.bytes.drain(..length).collect();
            self.commands.0.lock().insert(name_of(&message));
        }
    }
}

/// The name of a command is the name of the first field of its document. What is not understood is a name of its own, which
/// is on no list.
fn name_of(message: &[u8]) -> String {
    let document = match number(message, 12) {
        // Flags, and the kind of the section.
        Some(OP_MSG) => message.get(HEADER + 5..),
        // Flags, the collection's name, two numbers.
        Some(OP_QUERY) => message.get(HEADER + 4..).and_then(|rest| {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest.get(end + 9..)
        }),
        _ => None,
    };
    // Its length, and the kind of its first field.
    let name = document.and_then(|document| document.get(5..)).and_then(|rest| {
        let end = rest.iter().position(|byte| *byte == 0)?;
        std::str::from_utf8(&rest[..end]).ok()
    });
    name.unwrap_or("a message that is no command").to_owned()
}

fn number(bytes: &[u8], at: usize) -> Option<i32> {
    let four = bytes.get(at..at + 4)?;
    Some(i32::from_le_bytes(four.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: i32, head: &[u8], command: &str) -> Vec<u8> {
        let mut document = vec![0, 0, 0, 0, 16];
        document.extend_from_slice(command.as_bytes());
        document.extend_from_slice(&[0, 1, 0, 0, 0, 0]);
        let length = i32::try_from(HEADER + head.len() + document.len()).unwrap();
        let mut bytes = Vec::new();
        for number in [length, 1, 0, kind] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(head);
        bytes.extend_from_slice(&document);
        bytes
    }

    #[test]
    fn commands_are_heard_however_they_are_cut() {
        let mut sent = message(OP_QUERY, b"\0\0\0\0admin.$cmd\0\0\0\0\0\x01\0\0\0", "hello");
        sent.extend(message(OP_MSG, &[0; 5], "insert"));
        sent.extend(message(OP_MSG, &[0; 5], "commitTransaction"));
        sent.extend(message(1, &[0; 5], "insert"));
        for size in [1, 7, 40, sent.len()] {
            let commands = Commands::default();
            let mut listener = commands.of_connection();
            sent.chunks(size).for_each(|piece| listener.hear(piece));
            let names: Vec<String> = commands.names().into_iter().collect();
            let wanted = [
                "a message that is no command",
                "commitTransaction",
                "hello",
                "insert",
            ];
            assert_eq!(names, wanted);
        }
    }
}
