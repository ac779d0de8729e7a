use super::shape::{Kind, Shape};
use std::cmp::Ordering;

/// From where to where a number may lie.
#[derive(Debug, Clone, Default)]
pub(super) struct Range {
    least: Option<Bound>,
    greatest: Option<Bound>,
}

/// An end of a range. Which of two ends is wider does not hang on the last digit of a 64-bit number.
#[derive(Debug, Clone)]
struct Bound {
    at: f64,
    text: String,
    excluded: bool,
}

impl Bound {
    fn stated(shape: &Shape, keyword: &str) -> Option<Self> {
        let value = shape.get(keyword)?;
        Some(Self {
            at: value.as_f64()?,
            text: value.to_string(),
            excluded: keyword.starts_with("exclusive"),
        })
    }

    fn of_width(at: i128) -> Option<Self> {
        let text = at.to_string();
        Some(Self {
            at: text.parse().ok()?,
            text,
            excluded: false,
        })
    }
}

impl Range {
    /// What a shape allows: by its keywords and by the width that its format stands for.
    pub(super) fn of(shape: &Shape) -> Self {
        let least = Bound::stated(shape, "minimum");
        let unsigned = least.as_ref().is_some_and(|least| least.at >= 0.0);
        let (lowest, highest) = width(shape.text("format").unwrap_or_default(), unsigned);
        Self {
            least: strictest(
                [least, Bound::stated(shape, "exclusiveMinimum"), lowest],
                Ordering::Greater,
            ),
            greatest: strictest(
                [
                    Bound::stated(shape, "maximum"),
                    Bound::stated(shape, "exclusiveMaximum"),
                    highest,
                ],
                Ordering::Less,
            ),
        }
    }

    /// What a number of the other range may be and one of this may not.
    pub(super) fn misses(&self, other: &Range) -> Option<String> {
        let ends = [
            (
                &self.least,
                &other.least,
                Ordering::Greater,
                ["less than", "not more than"],
            ),
            (
                &self.greatest,
                &other.greatest,
                Ordering::Less,
                ["greater than", "not less than"],
            ),
        ];
        ends.into_iter()
            .find_map(|(ours, theirs, strict, [beyond, at_end])| {
                let ours = ours.as_ref()?;
                stricter(ours, theirs.as_ref(), strict).then(|| {
                    let words = if ours.excluded { at_end } else { beyond };
                    format!("{words} {}", ours.text)
                })
            })
    }

    pub(super) fn holds(&self, number: f64) -> bool {
        let within = |bound: &Option<Bound>, outside: Ordering| {
            bound
                .as_ref()
                .is_none_or(|bound| match number.total_cmp(&bound.at) {
                    Ordering::Equal => !bound.excluded,
                    other => other != outside,
                })
        };
        within(&self.least, Ordering::Less) && within(&self.greatest, Ordering::Greater)
    }
}

fn strictest(bounds: [Option<Bound>; 3], strict: Ordering) -> Option<Bound> {
    bounds.into_iter().flatten().reduce(|one, other| {
        if stricter(&other, Some(&one), strict) {
            other
        } else {
            one
        }
    })
}

fn stricter(one: &Bound, other: Option<&Bound>, strict: Ordering) -> bool {
    other.is_none_or(|other| match one.at.total_cmp(&other.at) {
        Ordering::Equal => one.excluded && !other.excluded,
        order => order == strict,
    })
}

/// The range of a format. utoipa calls `u32` an `int32` that begins at 0, and `u64` an `int64` that does.
fn width(format: &str, unsigned: bool) -> (Option<Bound>, Option<Bound>) {
    let bounds = |least: i128, greatest: i128| (Bound::of_width(least), Bound::of_width(greatest));
    match (format, unsigned) {
        ("int8", _) => bounds(i8::MIN.into(), i8::MAX.into()),
        ("int16", _) => bounds(i16::MIN.into(), i16::MAX.into()),
        ("uint8", _) => bounds(0, u8::MAX.into()),
        ("uint16", _) => bounds(0, u16::MAX.into()),
        ("int32", false) => bounds(i32::MIN.into(), i32::MAX.into()),
        ("int32", true) | ("uint32", _) => bounds(0, u32::MAX.into()),
        ("int64", false) => bounds(i64::MIN.into(), i64::MAX.into()),
        ("int64", true) | ("uint64", _) => bounds(0, u64::MAX.into()),
        _ => (None, None),
    }
}

/// Whether the format of a number is one that its range speaks for.
pub(super) fn is_width(shape: &Shape) -> bool {
    shape.kind() == Kind::Integer
        && shape
            .text("format")
            .is_some_and(|format| width(format, false).0.is_some())
}
