use super::file_error;
use crate::CallError;

/// Looks for a quote that is never closed, and for text after a closing quote: a lenient reader would swallow rows.
pub struct Quotes {
    delimiter: u8,
    at: At,
    line: usize,
    opened: usize,
}

#[derive(PartialEq)]
enum At {
    Start,
    Plain,
    Quoted,
    Closed,
}

impl Quotes {
    /// Before the first letter of a file whose cells are separated by `delimiter`.
    pub fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            at: At::Start,
            line: 1,
            opened: 1,
        }
    }

    /// Looks at the next piece of the text.
    pub fn push(&mut self, text: &str) -> Result<(), CallError> {
        for byte in text.bytes() {
            self.at = match (&self.at, byte) {
                (At::Start, b'"') => {
                    self.opened = self.line;
                    At::Quoted
                }
                (At::Quoted, b'"') => At::Closed,
                (At::Closed, b'"') => At::Quoted,
                (At::Quoted, _) => At::Quoted,
                (_, b'\n' | b'\r') => At::Start,
                (_, byte) if byte == self.delimiter => At::Start,
                (At::Closed, _) => {
                    return Err(file_error(format!(
                        "has text after a closing quote in line {}",
                        self.line
                    )));
                }
                (At::Start | At::Plain, _) => At::Plain,
            };
            self.line += usize::from(byte == b'\n');
        }
        Ok(())
    }

    /// The text is over.
    pub fn finish(&self) -> Result<(), CallError> {
        match self.at {
            At::Quoted => Err(file_error(format!(
                "has a quote in line {} that is never closed",
                self.opened
            ))),
            _ => Ok(()),
        }
    }
}
