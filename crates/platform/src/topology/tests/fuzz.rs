use super::{Program, Settings, Topology, TopologyFile};

const WORDS: [&str; 34] = [
    "version = ",
    "1",
    "-1",
    "99999999999999999999",
    "\n",
    "[gateway]\n",
    "[groups.finance]\n",
    "[groups.bank]\n",
    "place = ",
    "\"remote\"",
    "\"local\"",
    "\"split\"",
    "\"nowhere\"",
    "addresses = ",
    "[\"http://10.0.0.5:8000\"]",
    "[\"ftp://x\"]",
    "[]",
    "[\"",
    "percent = ",
    "10",
    "101",
    "port = ",
    "8011",
    "0",
    "replicas = ",
    "#",
    "é",
    "=",
    "\"",
    "[[groups]]\n",
    "[groups.\"",
    "{",
    "}",
    "\u{0}",
];

#[test]
fn any_file_is_read_or_refused_with_its_place() {
    let settings = Settings::default();
    bolero::check!().with_iterations(3_000).for_each(|bytes: &[u8]| {
        let text: String = bytes
            .iter()
            .map(|byte| WORDS[usize::from(*byte) % WORDS.len()])
            .collect();
        if let Err(error) = TopologyFile::parse("topology.toml", &text) {
            assert!(error.to_string().contains("topology.toml"), "{error}");
        }
        let _ = Topology::pushed(&text, &settings, Program::Monolith);
        let _ = Topology::pushed(&text, &settings, Program::Gateway);
    });
}
