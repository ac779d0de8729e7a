use super::{Outcome, Request};
use crate::error::Error;
use serde_json::json;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    time::Instant,
};

/// A request and the answers that came, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) request: Request,
    /// Status and body of each answer that says what became of it.
    pub(crate) answers: Vec<(u16, String)>,
    /// When each of them came.
    pub(crate) heard: Vec<Instant>,
    pub(crate) sendings: u64,
}

impl Entry {
    /// The first answer that says that it was done.
    pub(crate) fn acknowledged(&self) -> Option<&(u16, String)> {
        self.answers
            .iter()
            .find(|(status, _)| (200..300).contains(status))
    }
}

/// What one client sent and heard. Nothing is sent before it is on the disk, and no answer counts before it is.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    pub(crate) entries: Vec<Entry>,
}

impl Journal {
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .open(path)
            .map_err(|error| Error::at("make a journal", error))?;
        Ok(Self {
            file,
            entries: Vec::new(),
        })
    }

    /// Notes that a request is about to be sent for the first time; answers its place.
    pub(crate) fn begin(&mut self, request: Request) -> Result<usize, Error> {
        let line = json!({ "send": request });
        self.write(&line)?;
        self.entries.push(Entry {
            request,
            answers: Vec::new(),
            heard: Vec::new(),
            sendings: 1,
        });
        Ok(self.entries.len() - 1)
    }

    /// Notes that it is about to be sent again.
    pub(crate) fn again(&mut self, place: usize) -> Result<(), Error> {
        let line = json!({ "again": self.entries[place].request.key });
        self.write(&line)?;
        self.entries[place].sendings += 1;
        Ok(())
    }

    /// Notes what was heard.
    pub(crate) fn heard(&mut self, place: usize, outcome: &Outcome) -> Result<(), Error> {
        let entry = &mut self.entries[place];
        let key = entry.request.key.clone();
        let line = match outcome {
            Outcome::Answered(reply) => {
                entry.heard.push(Instant::now());
                entry.answers.push((reply.status, reply.text.clone()));
                json!({ "heard": key, "status": reply.status, "body": reply.text })
            }
            Outcome::Unknown(why) => json!({ "heard": key, "unknown": why }),
        };
        self.write(&line)
    }

    fn write(&mut self, line: &serde_json::Value) -> Result<(), Error> {
        let mut text = line.to_string();
        text.push('\n');
        self.file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(|error| Error::at("write a journal", error))
    }
}
