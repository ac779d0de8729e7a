//! Just enough of the framing of WebSockets (RFC 6455) to know where a frame ends.

/// A close frame that says "the service restarts": come back.
pub(super) const RESTART: &[u8] = &[0x88, 0x02, 0x03, 0xf4];

/// Watches the frames of one direction go by.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: [u8; 14],
    filled: usize,
    payload: u64,
}

impl Frames {
    /// These bytes went by.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.payload > 0 {
                let part = usize::try_from(self.payload)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                self.payload -= part as u64;
                bytes = &bytes[part..];
                continue;
            }
            self.head[self.filled] = bytes[0];
            self.filled += 1;
            bytes = &bytes[1..];
            if self.filled == self.head_length() {
                self.payload = self.announced();
                self.filled = 0;
            }
        }
    }

    /// Whether the last frame is complete.
    pub(super) fn is_between(&self) -> bool {
        self.filled == 0 && self.payload == 0
    }

    fn head_length(&self) -> usize {
        if self.filled < 2 {
            return 2;
        }
        let length = match self.head[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask = if self.head[1] & 0x80 == 0 { 0 } else { 4 };
        2 + length + mask
    }

    fn announced(&self) -> u64 {
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        match self.head[1] & 0x7f {
            126 => number(&self.head[2..4]),
            127 => number(&self.head[2..10]),
            short => u64::from(short),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(payload: usize, masked: bool) -> Vec<u8> {
        let mask = if masked { 0x80 } else { 0 };
        let mut frame = vec![0x82];
        match payload {
            0..=125 => frame.push(mask | u8::try_from(payload).unwrap()),
            126..=65_535 => {
                frame.push(mask | 126);
                frame.extend(u16::try_from(payload).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(mask | 127);
                frame.extend((payload as u64).to_be_bytes());
            }
        }
        frame.extend(vec![0; payload + if masked { 4 } else { 0 }]);
        frame
    }

    #[test]
    fn the_end_of_a_frame_is_known_however_the_bytes_are_cut() {
        for size in [0, 1, 125, 126, 65_535, 65_536] {
            for masked in [false, true] {
                for piece in [1, 3, 1000, usize::MAX] {
                    let frame = frame(size, masked);
                    let mut frames = Frames::default();
                    let mut passed = 0;
                    for part in frame.chunks(piece.min(frame.len())) {
                        frames.pass(part);
                        passed += part.len();
                        assert_eq!(
                            frames.is_between(),
                            passed == frame.len(),
                            "{size} {masked} {piece}"
                        );
                    }
                    frames.pass(&frame);
                    assert!(frames.is_between());
                }
            }
        }
    }
}
