use crate::formats::Format;
use kernel::CalendarDate;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// What is to be exported.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportParameters {
    /// The account.
    pub(crate) account_id: Uuid,
    /// The format; CSV when it is left out.
    pub(crate) format: Option<Format>,
    /// From this day on; from the beginning when it is left out.
    pub(crate) from: Option<CalendarDate>,
    /// To this day, included; without end when it is left out.
    pub(crate) to: Option<CalendarDate>,
}
