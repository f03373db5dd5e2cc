//! One person of whom everything is known that can be kept of a person, and a colleague of whom the
//! same is, who stays.

use serde_json::{Value, json};

use crate::customers::global;
use crate::desk::{Desk, last, option, task, with};
use crate::harness::TestApp;
use crate::loads::Sender;

/// What tells the person, in everything that is written about her and nowhere else.
pub(super) const MARKS: [&str; 3] = ["sigilo", "93333", "Noronha"];

/// What tells the colleague.
pub(super) const OTHER_MARKS: [&str; 2] = ["cosigno", "94444"];

/// A customer with two people.
pub(super) struct Story {
    pub(super) desk: Desk,
    pub(super) account: String,
    pub(super) metric: String,
    pub(super) survey: String,
    /// Who is erased.
    pub(super) person: String,
    /// Who stays.
    pub(super) colleague: String,
}

impl Story {
    /// Tells it through the API.
    pub(super) async fn of(app: &TestApp) -> Self {
        let desk = Desk { app: app.clone(), token: app.home().await.token.clone() };
        let metric = metric(&desk).await;
        let survey = survey(&desk).await;
        attributes(&desk).await;
        let customer = |key: &str| {
            with(task(key, 1), json!({ "position": 1, "assignee": { "customer": {} } }))
        };
        let stages = json!([last("a", vec![customer("sign"), customer("later")])]);
        let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
        let none = json!({ "none": true });
        let csm = global(app.home().await.owner.id);
        let padaria = json!({ "name": "Padaria", "csmId": csm, "journeyStart": none });
        let account = desk.done("accountCreate", padaria, "account").await;
        let role = option(app, "contact_role", "buyer").await;
        let person = contact(&desk, &account, &role, "sigilo", "93333", true).await;
        let colleague = contact(&desk, &account, &role, "cosigno", "94444", false).await;
        let start = json!({ "accountId": account, "templateId": template });
        desk.done("journeyStart", start, "journey").await;
        let story = Self { desk, account, metric, survey, person, colleague };
        story.hold_tasks().await;
        story.load().await;
        story.say(&story.person, "sigilo", 9).await;
        story.say(&story.colleague, "cosigno", 3).await;
        story
    }

    /// The person waits, is excused from one task, and still holds the other.
    async fn hold_tasks(&self) {
        let sign = self.desk.task(&self.account, "sign").await;
        let wait = json!({ "taskId": sign, "waitingOn": "CUSTOMER", "reason": "Sigilo na espera" });
        self.desk.done("taskWaitOn", wait, "task").await;
        let skip = json!({ "taskId": sign, "reason": "Sigilo no motivo" });
        self.desk.done("taskSkip", skip, "task").await;
    }

    /// A load that is refused, and keeps no more of its lines than what is wrong with them.
    async fn load(&self) {
        let sender = Sender { app: self.desk.app.clone(), token: self.desk.token.clone() };
        let contact = json!({ "system": "crm", "externalId": "novo: sigilo" });
        let line = json!({
            "metric": "sigilo", "contact": contact, "period": "sigilo", "value": "sigilo",
        });
        let answer = sender.load("monday", &[line.to_string()]).await;
        assert_eq!(answer["load"]["rejected"], 1, "{answer:#}");
    }

    /// What somebody says and does; `word` stands in every text.
    async fn say(&self, who: &str, word: &str, score: i32) {
        let text = |what: &str| format!("{what}: {word}");
        let met = json!({
            "accountId": self.account, "contactId": who, "channel": "VIDEO",
            "subject": text("Reunião"), "notes": text("Disse"), "sentiment": "POSITIVE",
        });
        self.desk.done("interactionCreate", met, "interaction").await;
        let answer = json!({
            "accountId": self.account, "contactId": who, "surveyId": self.survey, "score": score,
            "comment": text("Comentário"),
        });
        self.desk.done("surveyResponseRecord", answer, "surveyResponse").await;
        let point = json!({
            "metricId": self.metric, "subjectId": who, "period": "2026-01-19", "value": score,
        });
        let payload = self.desk.ask("metricPointsRecord", json!({ "points": [point] }), "").await;
        assert_eq!(payload["userErrors"], json!([]));
        for (system, id) in [("old-crm", "velho"), ("crm", "novo")] {
            let put = json!({ "system": system, "externalId": text(id), "subjectId": who });
            let id = self.desk.done("externalRefPut", put, "externalRef").await;
            if system == "old-crm" {
                self.desk.ask("externalRefDelete", json!({ "id": id }), "").await;
            }
        }
    }

    /// What is counted and computed from what the people did.
    pub(super) async fn figures(&self) -> Value {
        let query = "query ($csm: ID!, $account: ID!, $person: ID!) {
            accountsSummary {
                nps { score promoters passives detractors }
                taskCounts { overdue today upcoming } recurringRevenue { amountMinor }
            }
            portfolio(userId: $csm) { nps { score promoters detractors } accounts { nodes {
                lastNps { score } lastSentiment taskCounts { overdue today upcoming }
                openTasks { totalCount } } } }
            revenueReport(from: \"2026-01-01\", to: \"2026-12-31\") { periods { groups {
                openingAccounts lostAccounts currencies { opening { amountMinor }
                    new { amountMinor } closing { amountMinor } grr nrr } } } }
            account(id: $account) {
                lastNps { score respondedAt } lastSentiment lastInteraction { happenedAt sentiment }
                metricWindow(key: \"logins\", days: 30) { current { count sum } }
                timeline(first: 50) { nodes { kind occurredAt } }
                surveyResponses { nodes { score npsClass } }
            }
            contact(id: $person) {
                metricWindow(key: \"logins\", days: 30) { current { count sum } last { value } }
            }
        }";
        let csm = global(self.desk.app.home().await.owner.id);
        let variables = json!({ "csm": csm, "account": self.account, "person": self.person });
        self.desk.see(query, variables).await
    }
}

async fn metric(desk: &Desk) -> String {
    let logins = json!({
        "key": "logins", "name": "Logins", "unit": "logins", "grain": "DAY",
        "aggregation": "SUM", "direction": "HIGHER_IS_BETTER", "freshnessDays": 30,
    });
    desk.done("metricCreate", logins, "metric").await
}

async fn survey(desk: &Desk) -> String {
    let nps = json!({
        "key": "nps", "name": "NPS", "question": "How likely?", "method": "NPS",
        "purpose": "RELATIONAL",
    });
    desk.done("surveyCreate", nps, "survey").await
}

/// One attribute of contacts that is said to be personal, and one that is not.
async fn attributes(desk: &Desk) {
    for (key, is_personal) in [("hobby", true), ("nickname", false)] {
        let new = json!({
            "subjectKind": "CONTACT", "key": key, "name": key, "valueType": "TEXT",
            "isPersonal": is_personal,
        });
        desk.done("attributeDefinitionCreate", new, "attributeDefinition").await;
    }
}

async fn contact(
    desk: &Desk,
    account: &str,
    role: &str,
    word: &str,
    digits: &str,
    is_primary: bool,
) -> String {
    let text = |text: &str| json!({ "text": format!("{text} {word}") });
    let zone = if is_primary { "America/Noronha" } else { "America/Bahia" };
    let new = json!({
        "accountId": account, "name": format!("Quitéria {word}"), "timeZone": zone,
        "email": format!("{word}@example.com"), "phone": format!("+55 71 {digits}-0000"),
        "title": "Somebody", "channel": "PHONE", "isPrimary": is_primary, "roleIds": [role],
        "attributes": [
            { "key": "hobby", "value": text("Chess") },
            { "key": "nickname", "value": text("Q") },
        ],
    });
    let id = desk.done("contactCreate", new, "contact").await;
    let title = json!({ "id": id, "title": format!("Head of {word}") });
    desk.done("contactUpdate", title, "contact").await
}
