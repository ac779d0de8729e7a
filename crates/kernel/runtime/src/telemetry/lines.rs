//! Log lines on standard error. Whoever serves does not stand still because nobody reads what it writes.

use super::json::lost_line;
use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use std::{
    io::{self, Stderr, Write},
    os::fd::AsFd,
    sync::LazyLock,
};

/// A pipe that takes anything takes this much without waiting: a page.
const PIECE: usize = 4096;

/// How long a reader may be slow before lines are lost. Waited for once: then nobody waits until it reads again.
const PATIENCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 200_000_000,
};
const NOT_AT_ALL: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

static LOST: LazyLock<Counter> = LazyLock::new(Counter::default);
static SINK: LazyLock<Mutex<Sink<Stderr>>> =
    LazyLock::new(|| Mutex::new(Sink::new(io::stderr(), LOST.clone())));

/// Counts the lines that were lost because nobody read them: a pipe that is full, a terminal that stands still.
pub fn lost_lines() -> Counter {
    LOST.clone()
}

/// Writes a line to standard error, or loses it.
pub(super) fn to_stderr(line: &[u8]) {
    SINK.lock().write_line(line);
}

/// The same for whatever writes a line with one call.
pub(super) struct ToStderr;

impl Write for ToStderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        to_stderr(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where lines go.
struct Sink<W> {
    out: W,
    counter: Counter,
    /// How many were lost since the last one was written.
    lost: u64,
    /// Whether the last line broke off.
    broken: bool,
}

impl<W: Write + AsFd> Sink<W> {
    fn new(out: W, counter: Counter) -> Self {
        Self {
            out,
            counter,
            lost: 0,
            broken: false,
        }
    }

    fn write_line(&mut self, line: &[u8]) {
        let waiting = if self.lost > 0 { &NOT_AT_ALL } else { &PATIENCE };
        if !self.takes_more(waiting) {
            self.lose();
            return;
        }
        let has_room = self.lost == 0;
        if self.lost > 0 {
            let mut story = lost_line(self.lost);
            if std::mem::take(&mut self.broken) {
                story.insert(0, '\n');
            }
            // Writing may fail as well, as when the reader has gone away: that must not stop the process.
            let _ = self.out.write_all(story.as_bytes());
            self.lost = 0;
        }
        self.write_pieces(line, has_room);
    }

    fn write_pieces(&mut self, line: &[u8], has_room: bool) {
        for (number, piece) in line.chunks(PIECE).enumerate() {
            let fits = number == 0 && has_room;
            if !fits && !self.takes_more(&PATIENCE) {
                self.broken = number > 0;
                self.lose();
                return;
            }
            if self.out.write_all(piece).is_err() {
                return;
            }
        }
    }

    fn lose(&mut self) {
        self.lost += 1;
        self.counter.inc();
    }

    /// Whether a piece can be written now without waiting. What cannot be asked is written to.
    fn takes_more(&self, within: &Timespec) -> bool {
        loop {
            let mut asked = [PollFd::new(&self.out, PollFlags::OUT)];
            match poll(&mut asked, Some(within)) {
                Ok(0) => return false,
                Err(Errno::INTR) => {}
                Ok(_) | Err(_) => return true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::Read,
        sync::mpsc,
        time::{Duration, Instant},
    };

    #[test]
    fn lines_that_nobody_reads_are_lost_and_counted_and_nobody_waits() {
        let (mut reader, writer) = io::pipe().unwrap();
        let counter = Counter::default();
        let mut sink = Sink::new(writer, counter.clone());
        let begin = Instant::now();
        for number in 0..20_000 {
            sink.write_line(format!("line {number} with some text in it\n").as_bytes());
        }
        let lost = counter.get();
        assert!(lost > 10_000, "{lost} lines were lost");
        // It waits for a slow reader once, not for each line.
        assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());

        let (read, lines) = mpsc::channel();
        let reading = std::thread::spawn(move || {
            let mut text = String::new();
            let mut piece = [0; 1 << 16];
            while let Ok(length @ 1..) = reader.read(&mut piece) {
                text.push_str(std::str::from_utf8(&piece[..length]).unwrap());
                let _ = read.send(());
            }
            text
        });
        lines.recv().unwrap();
        sink.write_line(b"there is a reader again\n");
        drop(sink);
        let text = reading.join().unwrap();
        let told: Vec<&str> = text.lines().rev().take(2).collect();
        assert_eq!(told[0], "there is a reader again");
        let story: serde_json::Value = serde_json::from_str(told[1]).unwrap();
        assert_eq!((&story["level"], &story["lost"]), (&"WARN".into(), &lost.into()));
        let whole = text.lines().filter(|line| line.ends_with("with some text in it"));
        assert_eq!(whole.count() as u64 + lost, 20_000);
        assert_eq!(counter.get(), lost);
    }

    #[test]
    fn a_reader_that_has_gone_away_stops_nobody() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut sink = Sink::new(writer, Counter::default());
        sink.write_line(b"nobody is there\n");
        sink.write_line(&[b'x'; 3 * PIECE]);
    }

    #[test]
    fn a_line_longer_than_the_pipe_is_broken_off_and_the_next_begins_anew() {
        let (mut reader, writer) = io::pipe().unwrap();
        let counter = Counter::default();
        let mut sink = Sink::new(writer, counter.clone());
        let mut long = vec![b'x'; 1 << 20];
        long.push(b'\n');
        sink.write_line(&long);
        assert_eq!(counter.get(), 1);
        let mut taken = vec![0; 1 << 17];
        let length = reader.read(&mut taken).unwrap();
        assert!(taken[..length].iter().all(|byte| *byte == b'x'));
        sink.write_line(b"next\n");
        drop(sink);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        let told: Vec<&str> = rest.trim_start_matches('x').lines().collect();
        assert_eq!((told.first(), told.last()), (Some(&""), Some(&"next")), "{rest}");
    }
}
