use super::fields::{from_pairs, require_utf8};
use crate::Failure;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kernel::{FieldError, MAX_PAGE, PageRequest};
use serde::de::DeserializeOwned;
use std::{
    borrow::Cow,
    future::{Ready, ready},
};
use utoipa::IntoParams;

/// The longest cursor.
const LONGEST_CURSOR: usize = 2048;

/// What a list is asked for: the filter `F` (and whatever else the route takes, such as `sort`), and which part is wanted.
/// `limit`, `cursor` and `count` are read here and must not be fields of `F`; unknown parameters are 422.
#[derive(Debug, Clone)]
pub struct List<F> {
    /// What the route takes.
    pub filter: F,
    /// Which part is wanted.
    pub page: PageRequest,
}

/// Documents `limit`, `cursor` and `count`: `params(Filter, web::PageParams)`.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// How many items at most: 1 to 200, 50 without it.
    #[param(minimum = 1, maximum = 200, required = false)]
    pub limit: Option<u32>,
    /// Where the page before ended: from the `Link` header.
    #[param(max_length = 2048, required = false)]
    pub cursor: Option<String>,
    /// Whether to count all that match, up to 10000, in `X-Total-Count`.
    #[param(required = false)]
    pub count: Option<bool>,
}

impl<F: DeserializeOwned> FromRequest for List<F> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()))
    }
}

fn read<F: DeserializeOwned>(text: &str) -> Result<List<F>, Failure> {
    require_utf8(text, "query")?;
    let mut page = PageRequest::default();
    let mut seen: Vec<Cow<'_, str>> = Vec::new();
    let mut rest = Vec::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        if !matches!(&*name, "limit" | "cursor" | "count") {
            rest.push((name, value));
            continue;
        }
        if seen.contains(&name) {
            return Err(Failure::invalid_field(name, "must be sent only once"));
        }
        set(&mut page, &name, &value)
            .map_err(|message| Failure::invalid(vec![FieldError::new(&*name, message)]))?;
        seen.push(name);
    }
    Ok(List {
        filter: from_pairs(rest.into_iter())?,
        page,
    })
}

fn set(page: &mut PageRequest, name: &str, value: &str) -> Result<(), String> {
    match name {
        "limit" => {
            let limit = value.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
            page.limit = limit.ok_or_else(|| format!("must be a whole number from 1 to {MAX_PAGE}"))?;
        }
        "count" => page.count = value.parse().map_err(|_| "must be true or false".to_owned())?,
        _ if value.is_empty() || value.len() > LONGEST_CURSOR => {
            return Err("is no cursor: take it from the Link header".to_owned());
        }
        _ => page.cursor = Some(value.to_owned()),
    }
    Ok(())
}
