//! Seals of forwarded requests.

use crate::site::*;
use chrono::TimeDelta;
use proptest::{prop_assert, proptest, sample::Index};
use secrecy::{ExposeSecret, SecretString};
use trust::*;

proptest! {
    #[test]
    fn no_changed_seal_is_believed(place: Index, bit in 0_u8..7, garbage in "\\PC{0,200}") {
        let site = Site::new();
        let seal = HopSeal::new(&ServiceSecret::new(&SECRET.into(), &[]).unwrap(), site.clock.clone()).unwrap();
        let mut bytes = seal.seal(&hop(&site), "auth").into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(seal.open(&changed, "auth").is_none());
        prop_assert!(seal.open(&garbage, "auth").is_none());
    }
}

fn hop(site: &Site) -> Hop {
    Hop {
        client: "2001:db8::7".parse().unwrap(),
        scheme: "https".to_owned(),
        host: "wealth.example:8443".to_owned(),
        limited: true,
        request_id: site.sources.ids().next(),
    }
}

#[test]
fn a_hop_is_believed_by_the_group_it_was_sealed_for_and_not_for_long() {
    let site = Site::new();
    let old: SecretString = "an older secret of thirty-two bytes!".into();
    let seal = |newest: &str, older: &[SecretString]| {
        let secret = ServiceSecret::new(&newest.into(), older).unwrap();
        HopSeal::new(&secret, site.clock.clone()).unwrap()
    };
    let (edge, hop) = (seal(SECRET, &[]), hop(&site));
    let sealed = edge.seal(&hop, "auth");
    assert!(sealed.bytes().all(|byte| byte.is_ascii_graphic()));
    assert_eq!(edge.open(&sealed, "auth"), Some(hop.clone()));
    assert_eq!(edge.open(&sealed, "finance"), None);
    assert_eq!(
        seal("another secret of thirty-two byte", &[]).open(&sealed, "auth"),
        None
    );

    let before = seal(old.expose_secret(), &[]).seal(&hop, "auth");
    assert_eq!(
        seal(SECRET, std::slice::from_ref(&old)).open(&before, "auth"),
        Some(hop.clone())
    );
    for text in ["", ".", "a.b", &"a".repeat(5000), &sealed[..sealed.len() - 1]] {
        assert_eq!(edge.open(text, "auth"), None, "{text}");
    }
    site.clock.advance(TimeDelta::seconds(34));
    assert!(
        edge.open(&sealed, "auth").is_some(),
        "five seconds of drift are allowed"
    );
    site.clock.advance(TimeDelta::seconds(1));
    assert_eq!(edge.open(&sealed, "auth"), None);
    site.clock.advance(TimeDelta::seconds(-35 - 6));
    assert_eq!(edge.open(&sealed, "auth"), None, "from the future");
}
