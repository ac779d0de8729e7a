use crate::error::Error;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads the parameters of a command as strictly as the body of a route; what is wrong is named below `params`.
pub(crate) fn read<T: DeserializeOwned>(params: &Map<String, Value>) -> Result<T, Error> {
    Ok(web::from_params(params)?)
}
