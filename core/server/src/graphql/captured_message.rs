//! Captured messages: what a sandbox would have sent out.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::id::{AlertId, Kind, RenewalId};
use jornada_domain::journeys::alert;
use jornada_domain::outgoing;

use super::account::Account;
use super::connection::{Connection, Paging};
use super::contact::Contact;
use super::event::Subject;
use super::loader::{load_each, one};
use super::request::{Answer, call, list};
use super::user::User;
use super::word::words;
use crate::messages;

/// A message that a sandbox would have sent out.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct CapturedMessage {
    /// What it says.
    kind: MessageKind,
    /// When it would have left, by the clock of the sandbox.
    captured_at: DateTime<Utc>,
    #[graphql(flatten)]
    subject: Subject,
    #[graphql(skip)]
    row: outgoing::Model,
}

#[ComplexObject]
impl CapturedMessage {
    /// Whom it is for, where that is a user.
    async fn user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.row.user_id).await
    }

    /// Whom it is for, where that is a contact.
    async fn contact(&self, ctx: &Context<'_>) -> Answer<Contact> {
        one(ctx, self.row.contact_id).await
    }

    /// The account that it is about.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, self.row.account_id).await
    }

    /// Its text, in the language of the user that it is for, else in that of the request.
    async fn text(&self, ctx: &Context<'_>) -> Answer<String> {
        let loads = &call(ctx).loads;
        let found = async {
            let user = match self.row.user_id {
                Some(id) => loads.load_one(id).await?,
                None => None,
            };
            let account = match self.row.account_id {
                Some(id) => loads.load_one(id).await?,
                None => None,
            };
            let renewal = match self.row.subject_kind == Kind::Renewal.as_str() {
                true => loads.load_one(RenewalId(self.row.subject_id)).await?,
                false => None,
            };
            let locale = user.and_then(|user| user.locale).unwrap_or(call(ctx).locale());
            let account = account.map(|account| account.name).unwrap_or_default();
            let notice = renewal.as_ref().and_then(|renewal| renewal.notice_on);
            let notice = notice.map_or_else(|| "none".to_owned(), |day| day.to_string());
            let date = renewal.map(|renewal| renewal.ends_on.to_string()).unwrap_or_default();
            let alert = match self.row.kind == outgoing::MessageKind::PluginNotice {
                true => loads.load_one(NoticeOf(AlertId(self.row.subject_id))).await?,
                false => None,
            };
            let text = alert.unwrap_or_default();
            let params =
                [("account", &*account), ("date", &*date), ("notice", &*notice), ("text", &*text)];
            Ok(messages::of_message(locale, self.row.kind, params))
        };
        Some(found.await)
    }
}

impl From<outgoing::Model> for CapturedMessage {
    fn from(row: outgoing::Model) -> Self {
        Self {
            kind: row.kind.into(),
            captured_at: row.captured_at,
            subject: Subject::new(&row.subject_kind, row.subject_id),
            row,
        }
    }
}

load_each!(NoticeOf(AlertId) => String, alert::notices);

words! {
    /// What a message says that leaves the building.
    MessageKind = "outgoing::MessageKind" {
        /// The loop guard stopped a journey: a person must move it.
        JourneyHeld,
        /// A subscription ends soon: its renewal is to be spoken about.
        RenewalDue,
        /// The plugin of a task says something, which stands in the alert that it is about.
        PluginNotice,
    }
}

#[derive(Default)]
pub(super) struct CapturedMessageQuery;

#[Object]
impl CapturedMessageQuery {
    /// What the sandbox would have sent out, newest first: the last thousand. A production
    /// workspace captures nothing.
    async fn captured_messages(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<CapturedMessage>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| outgoing::list_captured(cx, page).await).await
    }
}
