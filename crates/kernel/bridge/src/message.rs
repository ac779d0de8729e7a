use kernel::IdempotencyKey;
use uuid::Uuid;

/// A message as a broker brings it.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The queue, topic, stream or channel.
    pub place: &'a str,
    /// What the broker or the sender calls this message, the same whenever it comes again; none when nothing does.
    pub id: Option<&'a str>,
    /// The command.
    pub body: &'a [u8],
}

/// The key that an id of a message stands for. What cannot be a key as it stands is folded into one.
pub(crate) fn key_of(id: &str) -> Option<IdempotencyKey> {
    if id.is_empty() {
        return None;
    }
    IdempotencyKey::parse(id).ok().or_else(|| {
        let folded = Uuid::new_v5(&Uuid::NAMESPACE_OID, id.as_bytes());
        IdempotencyKey::parse(&format!("message-{folded}")).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::key_of;

    #[test]
    fn any_id_is_a_key_and_always_the_same() {
        assert_eq!(key_of("order-7").unwrap().as_str(), "order-7");
        assert_eq!(key_of(""), None);
        let long = "x".repeat(500);
        for odd in ["Überweisung", "a\nb", long.as_str()] {
            assert_eq!(key_of(odd), key_of(odd));
            assert!(key_of(odd).unwrap().as_str().starts_with("message-"));
        }
        assert_ne!(key_of("ä"), key_of("ö"));
    }
}
