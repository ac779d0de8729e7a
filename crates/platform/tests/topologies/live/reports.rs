use reqwest::{RequestBuilder, Response, header::HeaderMap};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// How long something may take that happens by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open stream of reports.
pub(super) struct Reports {
    answer: Response,
    text: String,
    /// What came that was no event: signs of life, and the time to come back.
    pub(super) comments: Vec<String>,
}

impl Reports {
    pub(super) async fn open(request: RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        Self {
            answer,
            text: String::new(),
            comments: Vec::new(),
        }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.answer.headers()
    }

    /// The id of the next report, and the report.
    pub(super) async fn next(&mut self) -> (String, Value) {
        loop {
            let part = self.part().await.expect("the stream ended");
            let field = |name: &str| {
                let mut lines = part.lines();
                lines.find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
            };
            match (field("id:"), field("data:")) {
                (Some(id), Some(data)) => return (id, serde_json::from_str(&data).unwrap()),
                _ => self.comments.push(part),
            }
        }
    }

    /// The next report that is another one.
    pub(super) async fn next_after(&mut self, id: &str) -> (String, Value) {
        loop {
            let next = self.next().await;
            if next.0 != id {
                return next;
            }
        }
    }

    /// Reads until it ends.
    pub(super) async fn ended(&mut self) {
        while self.part().await.is_some() {}
    }

    /// What stands before the next empty line.
    async fn part(&mut self) -> Option<String> {
        loop {
            if let Some((part, rest)) = self.text.split_once("\n\n") {
                let part = part.to_owned();
                self.text = rest.to_owned();
                return Some(part);
            }
            let chunk = timeout(PATIENCE, self.answer.chunk())
                .await
                .expect("nothing comes");
            let chunk = chunk.ok().flatten()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}
