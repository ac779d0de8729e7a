use super::{
    Remote,
    attempt::{AttemptFailure, UNLIMITED},
    client,
};
use crate::causes::Causes;
use bytes::Bytes;
use kernel::{CallContext, CallError};
use reqwest::{Method, Request, StatusCode, Url};
use tokio::time::timeout_at;

impl Remote {
    /// The contract document of the group as the process at one of its addresses serves it, in JSON. Asked for once:
    /// whoever needs it waits for the group anyway and asks again. Beside retries, breaker and limit, so that it can be
    /// had before the group is ready.
    pub async fn contract_document(&self, cx: &CallContext) -> Result<Bytes, CallError> {
        let cx = cx.deeper()?;
        let fetched = timeout_at(cx.deadline.instant(), self.fetch(&cx)).await;
        match fetched {
            Ok(Ok(document)) => Ok(document),
            Ok(Err(AttemptFailure::NoToken(error))) => Err(error),
            Ok(Err(failure)) => {
                tracing::debug!(
                    group = self.group(),
                    cause = %Causes(&failure),
                    "the contract document of another process cannot be had"
                );
                Err(self.away())
            }
            Err(_) => Err(self.timeout()),
        }
    }

    async fn fetch(&self, cx: &CallContext) -> Result<Bytes, AttemptFailure> {
        let endpoint = self.endpoints.pick().ok_or(AttemptFailure::NoAddress)?;
        let url = Url::parse(&format!("{}/rpc/{}/contract", endpoint.url(), self.group));
        let url = url.map_err(|error| AttemptFailure::Unsendable(error.into()))?;
        let mut request = Request::new(Method::GET, url);
        *request.timeout_mut() = Some(UNLIMITED);
        self.fill(request.headers_mut(), cx)?;
        let client = client::of_this_thread(self.client).map_err(AttemptFailure::Unsendable)?;
        let response = client.execute(request).await.map_err(AttemptFailure::Transport)?;
        match response.status() {
            StatusCode::OK => self.body(response).await,
            status => Err(AttemptFailure::Foreign(status)),
        }
    }
}
