//! Products.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::ProductId;
use jornada_domain::revenue::product::{self, NewProduct, ProductPatch};

use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::loader::load_by_id;
use super::reading::Reading;
use super::request::{Answer, list, payload, write};

/// Something that is sold, and stands on the lines of subscriptions.
#[derive(SimpleObject)]
pub(super) struct Product {
    pub id: GlobalId<ProductId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    /// What integrations call it; it never changes.
    key: String,
    /// What people call it.
    name: String,
    /// What it is.
    description: Option<String>,
}

impl From<product::Model> for Product {
    fn from(row: product::Model) -> Self {
        let product::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            key,
            name,
            description,
            archived_at,
        } = row;
        let id = GlobalId(id);
        Self { id, version, created_at, updated_at, archived_at, key, name, description }
    }
}

load_by_id!(ProductId => product::Model, product::many);

#[derive(Default)]
pub(super) struct ProductQuery;

#[Object]
impl ProductQuery {
    /// The products by their keys.
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Also products that were put away.", default)] include_archived: bool,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Product>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| product::list(cx, include_archived, page).await).await
    }
}

#[derive(Default)]
pub(super) struct ProductMutation;

#[Object]
impl ProductMutation {
    /// Adds a product.
    async fn product_create(
        &self,
        ctx: &Context<'_>,
        input: ProductCreateInput,
    ) -> Result<ProductCreatePayload> {
        write(ctx, async move |tx| {
            let ProductCreateInput { key, name, description } = input;
            product::create(tx, NewProduct { key, name, description }).await
        })
        .await
    }

    /// Changes a product.
    async fn product_update(
        &self,
        ctx: &Context<'_>,
        input: ProductUpdateInput,
    ) -> Result<ProductUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = ProductPatch {
                expected_version: input.expected_version,
                name: reading.kept("name", input.name),
                description: input.description.into(),
            };
            reading.then(product::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts a product away: it stays where it is sold and can no longer be sold anew.
    async fn product_archive(
        &self,
        ctx: &Context<'_>,
        input: ProductArchiveInput,
    ) -> Result<ProductArchivePayload> {
        write(ctx, async |tx| product::archive(tx, id::parse("id", &input.id)?).await).await
    }

    /// Takes an archived product back.
    async fn product_restore(
        &self,
        ctx: &Context<'_>,
        input: ProductRestoreInput,
    ) -> Result<ProductRestorePayload> {
        write(ctx, async |tx| product::restore(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A product to be added.
#[derive(InputObject)]
pub(super) struct ProductCreateInput {
    /// What integrations call it: 1 to 60 of `a-z`, `0-9`, `-` and `_`; it never changes.
    key: String,
    /// What people call it: 1 to 200 characters.
    name: String,
    /// What it is: up to 500 characters.
    description: Option<String>,
}

/// Changes of a product; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct ProductUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// What it is: up to 500 characters.
    description: MaybeUndefined<String>,
}

/// A product to be put away.
#[derive(InputObject)]
pub(super) struct ProductArchiveInput {
    id: ID,
}

/// A product to be taken back.
#[derive(InputObject)]
pub(super) struct ProductRestoreInput {
    id: ID,
}

payload! {
    /// What came of adding a product.
    ProductCreatePayload {
        /// The product.
        product: Product,
    }
}

payload! {
    /// What came of changing a product.
    ProductUpdatePayload {
        /// The product as it is now.
        product: Product,
    }
}

payload! {
    /// What came of putting a product away.
    ProductArchivePayload {
        /// The product as it is now.
        product: Product,
    }
}

payload! {
    /// What came of taking a product back.
    ProductRestorePayload {
        /// The product as it is now.
        product: Product,
    }
}
