use super::{
    Analysis,
    requests::{AiAnalysisParameters, AiAnalysisResponse, AnalyzeRequest, AnalyzeResponse},
};
use actix_web::{
    get, post,
    web::{Data, ServiceConfig},
};
use web::{Answer, Body, Caller, Query, answer};

/// Mounts the routes of analyses; `ai-analysis` stands before any portfolio's id.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_ai_analysis).service(analyze_symbols);
}

/// Figures of portfolios, what stands out in them and why, and the same in words that are made of the figures.
#[utoipa::path(
    get, path = "/api/v1/portfolios/ai-analysis", tag = "wealth", operation_id = "wealth_get_ai_analysis",
    params(AiAnalysisParameters), security(("bearer" = [])),
    responses((status = 200, description = "The analysis", body = AiAnalysisResponse))
)]
#[get("/api/v1/portfolios/ai-analysis")]
pub(crate) async fn get_ai_analysis(
    caller: Caller,
    parameters: Query<AiAnalysisParameters>,
    service: Data<Analysis>,
) -> Answer {
    answer::ok(&service.of_portfolios(&caller, parameters.portfolio_id).await?)
}

/// Return and risk of some symbols in the last year by their daily quotes, each and together. A symbol that nobody made an
/// instrument of is said to be unknown.
#[utoipa::path(
    post, path = "/api/v1/portfolio/analyze", tag = "wealth", operation_id = "wealth_analyze_symbols",
    request_body = AnalyzeRequest, security(("bearer" = [])),
    responses((status = 200, description = "The figures", body = AnalyzeResponse))
)]
#[post("/api/v1/portfolio/analyze")]
pub(crate) async fn analyze_symbols(
    caller: Caller,
    body: Body<AnalyzeRequest>,
    service: Data<Analysis>,
) -> Answer {
    answer::ok(&service.analyze(&caller, &body).await?)
}
