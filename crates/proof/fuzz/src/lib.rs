//! Fuzz targets for what reads input from outside: they stand in `tests/it`, run bounded with every other test, and find
//! new inputs for as long as one likes with `cargo bolero test -p fuzz --engine libfuzzer <target>`.

/// Turns bytes into text that gets further than noise does: a byte below 192 stands for one of `words`, any other for a
/// character of its own. The same bytes spell the same text.
pub fn spell(bytes: &[u8], words: &[&str]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let word = words.get(usize::from(*byte) % words.len().max(1));
        match word {
            Some(word) if *byte < 192 => text.push_str(word),
            _ => text.push(char::from(*byte)),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::spell;

    #[test]
    fn bytes_spell_words() {
        assert_eq!(spell(&[0, 1, 2, 255], &["a", "b"]), "abaÿ");
        assert_eq!(spell(&[0, 200], &[]), "\u{0}È");
    }
}
