//! How each kind of field sorts: null and absent first, ties by id, and descending exactly the other way round.

use super::{
    place::{Place, cx},
    samples::{Sample, insert_all},
};
use store::{Document, Query, Sort};

/// Writes the samples in the expected order but with ids that say nothing about it, and reads them sorted.
async fn assert_order(place: &Place, field: &str, samples: Vec<Sample>) {
    let store = place.open(&[Sample::collection()]).await;
    let cx = cx(&store);
    let scope = cx.scope().unwrap();
    // Every third first: neighbours in the order are far apart in time and id.
    let count = samples.len();
    let shuffled: Vec<usize> = (0..3).flat_map(|start| (start..count).step_by(3)).collect();
    let written: Vec<Sample> = shuffled.iter().map(|place| samples[*place].clone()).collect();
    insert_all(&store, &cx, &written).await;
    let read = |sort: Sort| {
        let store = store.store.clone();
        async move {
            let page = store
                .find::<Sample>(&scope, Query::sorted(sort).limit(200))
                .await
                .unwrap();
            page.items
                .iter()
                .map(|item| shuffled_place(item.id.as_u128(), count))
                .collect::<Vec<usize>>()
        }
    };
    let ascending = read(Sort::ascending(field)).await;
    assert_eq!(ascending, (0..count).collect::<Vec<_>>(), "{field} ascending");
    let descending = read(Sort::descending(field)).await;
    assert_eq!(
        descending,
        (0..count).rev().collect::<Vec<_>>(),
        "{field} descending"
    );
}

/// The place in the expected order of the document with this id.
fn shuffled_place(id: u128, count: usize) -> usize {
    let shuffled: Vec<usize> = (0..3).flat_map(|start| (start..count).step_by(3)).collect();
    shuffled[usize::try_from(id).unwrap() - 1]
}

fn sample(change: impl FnOnce(&mut Sample)) -> Sample {
    let mut sample = Sample::default();
    change(&mut sample);
    sample
}

pub(crate) async fn texts_sort_by_their_folded_form(place: &Place) {
    let texts = [
        "", "%", "1", "10", "2", "A", "ab", "Äbc", "b", "B a", "É", "eA", "f_g", "fa", "Z", "ß", "я",
        "\u{ffff}", "😀",
    ];
    let mut samples = vec![Sample::default()];
    samples.extend(
        texts
            .iter()
            .map(|text| sample(|sample| sample.text = Some((*text).into()))),
    );
    assert_order(place, "text", samples).await;
}

pub(crate) async fn whole_numbers_sort_by_size(place: &Place) {
    let mut samples = vec![Sample::default()];
    for number in [
        i64::MIN,
        -1_000,
        -10,
        -9,
        -1,
        0,
        1,
        9,
        10,
        1_000,
        9_007_199_254_740_993,
        i64::MAX,
    ] {
        samples.push(sample(|sample| sample.whole = Some(number)));
    }
    assert_order(place, "whole", samples).await;
}

pub(crate) async fn decimals_sort_by_value_whatever_their_scale(place: &Place) {
    let mut samples = vec![Sample::default()];
    for number in [
        "-79228162514264337593543950335",
        "-1000.5",
        "-10.50",
        "-10",
        "-9.99",
        "-0.0000000000000000000000000001",
        "0.00",
        "0.0000000000000000000000000001",
        "0.09",
        "0.10",
        "1.4999",
        "1.50",
        "1.51",
        "2",
        "10.0",
        "12345678901234567.89",
        "12345678901234567.90",
        "79228162514264337593543950335",
    ] {
        samples.push(sample(|sample| sample.amount = Some(number.parse().unwrap())));
    }
    assert_order(place, "amount", samples).await;
}

pub(crate) async fn moments_sort_by_time(place: &Place) {
    let mut samples = vec![Sample::default()];
    for moment in [
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00Z",
        "2024-02-29T12:00:00+05:30",
        "2024-02-29T06:30:00.001Z",
        "2024-02-29T08:00:00+01:00",
        "9999-12-31T23:59:59.999Z",
    ] {
        samples.push(sample(|sample| sample.at = Some(moment.parse().unwrap())));
    }
    assert_order(place, "at", samples).await;
}

pub(crate) async fn ids_sort_by_their_bytes(place: &Place) {
    let mut samples = vec![Sample::default()];
    for number in [0, 1, 0xff, 0x100, 1 << 64, 0x7f << 120, 0x80 << 120, u128::MAX] {
        samples.push(sample(|sample| {
            sample.reference = Some(uuid::Uuid::from_u128(number))
        }));
    }
    assert_order(place, "reference", samples).await;
}

pub(crate) async fn false_sorts_before_true(place: &Place) {
    let flags = [None, Some(false), Some(true)];
    let samples = flags.map(|flag| sample(|sample| sample.flag = flag));
    assert_order(place, "flag", samples.to_vec()).await;
}
