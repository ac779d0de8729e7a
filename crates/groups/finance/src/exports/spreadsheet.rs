use super::writer::{Line, Subject};
use crate::{
    error::Error,
    formats::{EXPORT_COLUMNS, neutral},
};
use kernel::CallError;

pub(super) fn head() -> Result<Vec<u8>, Error> {
    written(|writer| writer.write_record(EXPORT_COLUMNS))
}

pub(super) fn lines(subject: &Subject, lines: &[Line]) -> Result<Vec<u8>, Error> {
    written(|writer| {
        for line in lines {
            writer.write_record([
                line.date.to_string().as_str(),
                &neutral(&line.description),
                &line.amount.to_string(),
                subject.account.currency.code(),
                &neutral(&line.category),
                &neutral(&line.tags.join(", ")),
                &line.id.to_string(),
            ])?;
        }
        Ok(())
    })
}

fn written(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    write(&mut writer).map_err(CallError::internal)?;
    let bytes = writer
        .into_inner()
        .map_err(|error| CallError::internal(error.to_string()))?;
    Ok(bytes)
}
