//! The HTTP front: who asks, what may come in, and how it is noted.

mod auth;
mod explorer;
mod graphql;
mod health;
mod import;
mod refusal;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Request, StatusCode};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{
    MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};

use crate::app::App;
use crate::graphql::Schema;
use refusal::Refusal;

/// How long a request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// What the handlers share.
#[derive(Clone)]
struct Front {
    app: Arc<App>,
    schema: Schema,
    stop: CancellationToken,
}

/// Everything that is served over HTTP. `body_max` is in bytes; once `stop` is cancelled, the
/// process counts as not ready.
pub fn router(app: Arc<App>, body_max: usize, stop: CancellationToken) -> Router {
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(RequestIds(app.clone())))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(log_response()))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(DefaultBodyLimit::max(body_max));
    let front = Front { schema: crate::graphql::schema(), app, stop };
    Router::new()
        .route("/", get(async || Redirect::temporary("/graphql")))
        .route("/graphql", post(graphql::execute).get(explorer::page))
        .route("/assets/{name}", get(explorer::asset))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        // Whoever sends much may take longer, within limits of its own.
        .route("/import/metrics", post(import::metrics))
        .with_state(front)
        .layer(layers)
}

/// Gives an id to every request that does not bring one.
#[derive(Clone)]
struct RequestIds(Arc<App>);

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let id = self.0.ids.next(self.0.clock.now()).to_string();
        id.parse().ok().map(RequestId::new)
    }
}

fn id_of(id: Option<&RequestId>) -> &str {
    id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default()
}

/// Neither headers nor the query string: they may hold secrets.
fn span<B>(request: &Request<B>) -> Span {
    let id = id_of(request.extensions().get());
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
}

fn log_response() -> DefaultOnResponse {
    DefaultOnResponse::new().level(Level::INFO)
}

fn after_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast::<String>().map(|text| *text);
    let text = text.or_else(|other| other.downcast::<&str>().map(|text| (*text).to_owned()));
    tracing::error!(panic = text.as_deref().unwrap_or("no text"), "a request handler panicked");
    Refusal::Internal.response("")
}
