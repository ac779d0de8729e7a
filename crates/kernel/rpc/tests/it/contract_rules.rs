use crate::notes::NotesClient;
use rpc::Mode;

#[test]
fn a_contract_describes_its_methods() {
    assert_eq!(NotesClient::CONTRACT_NAME, "desk.notes");
    let methods: Vec<_> = NotesClient::METHODS
        .iter()
        .map(|info| (info.name, info.mode, info.summary, info.arguments))
        .collect();
    assert_eq!(
        methods,
        [
            ("read", Mode::Read, "The text of a note.", &["id"][..]),
            (
                "mark",
                Mode::Idempotent,
                "Marks a note as seen.",
                &["id", "seen"][..]
            ),
            (
                "write",
                Mode::Effect,
                "Writes a note, once the gate is open.",
                &["text"][..]
            ),
        ]
    );
}
