//! Lists as Relay's Cursor Connections: `edges` and `nodes`, `pageInfo`, and a `totalCount` that
//! is counted only when it is selected.

use std::borrow::Cow;

use async_graphql::{Context, Object, OutputType, SimpleObject, TypeName};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jornada_domain::error::{Code, Problem, Result};
use jornada_domain::page::{Cursor, MAX_PAGE, Page, PageArgs};
use serde::{Deserialize, Serialize};

/// The size of a page for which nobody said one.
const DEFAULT_PAGE: usize = 25;

/// The version of the shape of cursors.
const CURSOR_VERSION: u8 = 1;

/// The four arguments of every list, which `describe` describes.
pub(super) struct Paging {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

impl Paging {
    /// The page that is asked for; `BAD_PAGE` or `BAD_CURSOR` names the argument.
    pub(super) fn args(self, ctx: &Context<'_>) -> Result<PageArgs> {
        let counted = ctx.look_ahead().field("totalCount").exists();
        let bad = |field| Err(Problem::new(field, Code::BadPage).with("max", MAX_PAGE).into());
        match self {
            Self { last: None, before: Some(_), .. } => bad("before"),
            Self { last: Some(_), first: Some(_), .. } => bad("last"),
            Self { last: Some(_), after: Some(_), .. } => bad("after"),
            Self { last: Some(n), before, .. } => {
                let (size, beyond) = (size("last", n)?, cursor("before", before)?);
                Ok(PageArgs { size, beyond, backward: true, counted })
            }
            Self { first, after, .. } => {
                let size = first.map_or(Ok(DEFAULT_PAGE), |n| size("first", n))?;
                Ok(PageArgs { size, beyond: cursor("after", after)?, backward: false, counted })
            }
        }
    }
}

fn size(field: &str, n: i32) -> Result<usize> {
    let size = usize::try_from(n).ok().filter(|n| (1..=MAX_PAGE).contains(n));
    size.ok_or_else(|| Problem::new(field, Code::BadPage).with("max", MAX_PAGE).into())
}

/// A cursor as it is written: base64 of JSON.
#[derive(Serialize, Deserialize)]
struct Written<C> {
    v: u8,
    #[serde(flatten)]
    cursor: C,
}

fn write(cursor: &Cursor) -> String {
    let written = Written { v: CURSOR_VERSION, cursor };
    BASE64.encode(serde_json::json!(written).to_string())
}

fn cursor(field: &str, text: Option<String>) -> Result<Option<Cursor>> {
    let Some(text) = text else { return Ok(None) };
    let json = BASE64.decode(text).ok();
    let written = json.and_then(|json| serde_json::from_slice::<Written<Cursor>>(&json).ok());
    match written {
        Some(Written { v: CURSOR_VERSION, cursor }) => Ok(Some(cursor)),
        _ => Err(Problem::new(field, Code::BadCursor).into()),
    }
}

/// One page of a list.
pub(super) struct Connection<T> {
    edges: Vec<Edge<T>>,
    page_info: PageInfo,
    total_count: Option<u64>,
}

/// One row of a list, with its place.
pub(super) struct Edge<T> {
    cursor: String,
    node: T,
}

/// Where a page stands in its list.
#[derive(Clone, SimpleObject)]
pub(super) struct PageInfo {
    /// Whether there are rows before the first one.
    has_previous_page: bool,
    /// Whether there are rows after the last one.
    has_next_page: bool,
    /// The cursor of the first row, for `before`.
    start_cursor: Option<String>,
    /// The cursor of the last row, for `after`.
    end_cursor: Option<String>,
}

impl<T: From<R>, R> From<Page<R>> for Connection<T> {
    fn from(page: Page<R>) -> Self {
        let Page { rows, has_previous, has_next, total } = page;
        let edge = |(cursor, row): (Cursor, R)| Edge { cursor: write(&cursor), node: T::from(row) };
        let edges: Vec<_> = rows.into_iter().map(edge).collect();
        let page_info = PageInfo {
            has_previous_page: has_previous,
            has_next_page: has_next,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Self { edges, page_info, total_count: total }
    }
}

/// One page of a list.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// The rows, each with its cursor.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The rows, for who needs no cursors but those of `pageInfo`.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many rows the whole list has. It costs a statement of its own: select it only where it
    /// is shown.
    async fn total_count(&self) -> Option<u64> {
        self.total_count
    }
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// One row of a list, with its place.
#[Object(name_type)]
impl<T: OutputType> Edge<T> {
    /// The place of the row, for `after` and `before`.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The row.
    async fn node(&self) -> &T {
        &self.node
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}
