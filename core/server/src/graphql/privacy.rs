//! Personal data: export and erasure of a contact, and for how long records are kept.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use jornada_domain::Cx;
use jornada_domain::error::Result;
use jornada_domain::privacy::erasure::{self, ContactErasure};
use jornada_domain::privacy::{export, retention};
use serde_json::{Value as Json, json};

use super::contact::Contact;
use super::id;
use super::reading::Reading;
use super::request::{payload, write};
use super::word::words;
use super::workspace::Workspace;

/// For how long records of a kind are kept.
#[derive(SimpleObject)]
pub(super) struct RetentionPolicy {
    /// Which records, and what becomes of them.
    kind: RetentionKind,
    /// For how many days; null for ever.
    days: Option<i32>,
}

words! {
    /// What is kept for some time. What is blanked loses its texts and keeps what is counted.
    RetentionKind = "retention::RetentionKind" {
        /// The subject and the notes of interactions are blanked; sentiments stay.
        Interaction,
        /// The comments of responses to surveys are blanked; scores stay.
        SurveyComment,
        /// The notes of pulses are blanked; scores stay.
        PulseNote,
        /// The contacts of accounts that churned so long ago are erased.
        Contact,
        /// Alerts are deleted.
        Alert,
        /// Audit entries are deleted.
        AuditEntry,
        /// Events are deleted, but none before its audit entry.
        Event,
        /// Jobs that were done or called off are deleted.
        Job,
    }
}

/// The policy of each kind.
pub(super) async fn policies(cx: &Cx<'_>) -> Result<Vec<RetentionPolicy>> {
    let policies = retention::policies(cx).await?.each().into_iter();
    Ok(policies.map(|(kind, days)| RetentionPolicy { kind: kind.into(), days }).collect())
}

#[derive(Default)]
pub(super) struct PrivacyMutation;

#[Object]
impl PrivacyMutation {
    /// Gives out all that is kept of a person, as one document of the format
    /// `jornada.contact/1`. That it was given out is told and audited.
    async fn contact_export(
        &self,
        ctx: &Context<'_>,
        input: ContactExportInput,
    ) -> Result<ContactExportPayload> {
        write(ctx, async |tx| {
            let export = export::export(tx, id::parse("id", &input.id)?).await?;
            Ok(json!(export))
        })
        .await
    }

    /// Erases what is kept of a person; what is counted stays. The contact stays as an anonymous
    /// record that was put away, of which nothing more is taken. That cannot be undone; doing it
    /// again changes nothing.
    async fn contact_erase(
        &self,
        ctx: &Context<'_>,
        input: ContactEraseInput,
    ) -> Result<ContactErasePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let ContactEraseInput { id: _, expected_version, reason } = input;
            let erasure = ContactErasure { id, expected_version, reason, erased_at: None };
            reading.then(erasure::erase(tx, erasure).await)
        })
        .await
    }

    /// Changes for how long records of a kind are kept. Older ones are blanked or deleted soon, and
    /// from then on daily.
    async fn retention_policy_set(
        &self,
        ctx: &Context<'_>,
        input: RetentionPolicySetInput,
    ) -> Result<RetentionPolicySetPayload> {
        let RetentionPolicySetInput { kind, days, expected_version } = input;
        write(ctx, async move |tx| retention::set(tx, kind.into(), days, expected_version).await)
            .await
    }
}

/// Of whom to give out what is kept.
#[derive(InputObject)]
pub(super) struct ContactExportInput {
    id: ID,
}

/// Who is to be erased.
#[derive(InputObject)]
pub(super) struct ContactEraseInput {
    id: ID,
    expected_version: Option<i64>,
    /// Why: up to 2,000 characters. It is kept in the audit entry, so do not name the person.
    reason: Option<String>,
}

/// For how long records of a kind are to be kept.
#[derive(InputObject)]
pub(super) struct RetentionPolicySetInput {
    /// The version of the workspace that you read.
    expected_version: Option<i64>,
    /// Which records.
    kind: RetentionKind,
    /// For how many days: 30 to 7305, which are twenty years; for ever when null or left out.
    days: Option<i32>,
}

payload! {
    /// What came of giving out what is kept of a person.
    ContactExportPayload {
        /// The document. Each of its lists has at most the 1,000 newest records, and says how many
        /// there are and whether it was cut.
        export: Json,
    }
}

payload! {
    /// What came of erasing a person.
    ContactErasePayload {
        /// The contact as it is now.
        contact: Contact,
    }
}

payload! {
    /// What came of changing for how long records are kept.
    RetentionPolicySetPayload {
        /// The workspace as it is now.
        workspace: Workspace,
    }
}
