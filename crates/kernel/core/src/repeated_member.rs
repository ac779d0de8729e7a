//! Members that stand twice in one JSON object: readers differ in which of them counts, so that none does here.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::{collections::HashSet, fmt};

/// The place of the first member that repeats another one of its object, as in `params.amount` or `legs.0.amount`; none
/// where every object says each thing once, and none of what is no JSON.
pub fn repeated_member(json: &[u8]) -> Option<String> {
    let mut search = Search::default();
    let mut source = serde_json::Deserializer::from_slice(json);
    Place(&mut search).deserialize(&mut source).ok()?;
    search.found
}

#[derive(Default)]
struct Search {
    path: Vec<String>,
    found: Option<String>,
}

/// One value, looked through to its depth.
struct Place<'a>(&'a mut Search);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            self.0.path.push(index.to_string());
            let item = items.next_element_seed(Place(self.0))?;
            self.0.path.pop();
            if item.is_none() {
                break;
            }
        }
        Ok(())
    }

    // An exact number also comes as an object, of one member.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if self.0.found.is_some() {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            self.0.path.push(name.clone());
            if !names.insert(name) {
                self.0.found = Some(self.0.path.join("."));
            }
            members.next_value_seed(Place(self.0))?;
            self.0.path.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::repeated_member;

    #[test]
    fn the_first_member_that_stands_twice_is_named_with_its_place() {
        for (json, wanted) in [
            (r#"{"a":1,"a":2}"#, Some("a")),
            (r#"{"a":{"b":1.50,"c":null,"b":true},"a":2}"#, Some("a.b")),
            (r#"{"legs":[{"x":1},{"x":1,"y":"","x":[]}]}"#, Some("legs.1.x")),
            (r#"{"a":1,"\u0061":2}"#, Some("a")),
            (
                r#"{"a":{"b":1},"b":{"a":12345678901234567890.123},"c":[1,1,{}]}"#,
                None,
            ),
            (r#""a""#, None),
            ("{", None),
        ] {
            assert_eq!(repeated_member(json.as_bytes()).as_deref(), wanted, "{json}");
        }
    }
}
