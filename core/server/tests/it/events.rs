//! What every mutation of the schema leaves behind: the events that say what became true, and an
//! entry of the audit for each of them.

mod cases;

use std::collections::BTreeMap;

use jornada_domain::id::WorkspaceId;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::json;

use crate::api::call::{self, Call};
use crate::api::{Api, seed};
use crate::harness::plugins::in_base64;
use crate::harness::{Tenant, TestApp, both};

use cases::CASES;

both!(every_mutation_tells_what_it_did);

async fn every_mutation_tells_what_it_did(app: TestApp) {
    let mut told = BTreeMap::new();
    for call in call::of(&Api::load(), "Mutation") {
        let types = told_by(&app, &call).await;
        told.insert(call.field, types);
    }
    app.app.db.write().execute_unprepared("DELETE FROM job").await.expect("they were buried alive");
    let last = told.split_off("p");
    let others = told.split_off("j");
    let health = told.split_off("health");
    check_accounts_and_plans(told);
    check_health_and_interactions(health);
    check_journeys_and_options(others);
    check_others(last);
}

/// One line for each mutation, or one for each of its events where they are many.
fn lines(told: BTreeMap<String, String>) -> String {
    let line = |(field, types): (String, String)| match field.len() + types.len() {
        0..=90 => format!("{field}: {types}"),
        _ => format!("{field}:\n  {}", types.replace(", ", "\n  ")),
    };
    told.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn check_accounts_and_plans(told: BTreeMap<String, String>) {
    insta::assert_snapshot!(lines(told), @r"
    accountActivate: account.activated
    accountArchive: account.archived
    accountChurn:
      account.churned
      journey.cancelled
      stage_visit.ended
      task.cancelled
      subscription.updated
      revenue_movement.recorded
      renewal.updated
    accountCreate:
      account.created
      journey.started
      stage_visit.opened
      task.opened
      task.opened
    accountPause: account.paused
    accountRestore: account.restored
    accountResume: account.resumed
    accountUpdate: account.updated
    alertRead: alert.updated
    apiTokenCreate: api_token.created
    apiTokenRevoke: api_token.revoked
    assignmentCreate: account_assignment.created
    assignmentEnd: account_assignment.ended
    attributeDefinitionArchive: attribute_definition.archived
    attributeDefinitionCreate: attribute_definition.created
    attributeDefinitionRestore: attribute_definition.restored
    attributeDefinitionUpdate: attribute_definition.updated
    contactArchive: contact.archived
    contactCreate: contact.created
    contactErase: contact.erased
    contactExport: contact.exported
    contactRestore: contact.restored
    contactUpdate: contact.updated
    deferredItemCreate: deferred_item.created
    deferredItemDecide: deferred_item.decided
    deferredItemUpdate: deferred_item.updated
    externalRefDelete: external_ref.deleted
    externalRefPut: external_ref.created
    goalClose: goal.achieved
    goalCreate: goal.created
    goalReopen: goal.reopened
    goalUpdate: goal.updated
    handoffAccept: handoff.accepted
    handoffCancel: handoff.cancelled
    handoffCheck: handoff.updated
    handoffCreate: handoff.created
    handoffDecline: handoff.declined
    handoffUpdate: handoff.updated
    ");
}

fn check_health_and_interactions(told: BTreeMap<String, String>) {
    insta::assert_snapshot!(lines(told), @r"
    healthModelActivate:
      health_model.published
      health_run.ended
      health_run.ended
      health_run.started
    healthModelArchive: health_run.ended, health_model.archived
    healthModelCreate: health_model.created, health_model_version.created, health_run.started
    healthModelDiscard: health_model.discarded, health_run.ended
    healthModelPropose: health_model_version.created, health_model.proposed, health_run.started
    healthModelRecompute: health_run.ended, health_run.started
    healthModelUpdate: health_model.updated
    healthOverrideEnd: health_override.ended
    healthOverrideSet: health_override.ended, health_override.created
    holidayCreate: holiday.created
    holidayDelete: holiday.deleted
    indicatorWaive: indicator_evaluation.created
    interactionArchive: interaction.archived
    interactionCreate: interaction.created
    interactionUpdate: interaction.updated
    ");
}

fn check_journeys_and_options(told: BTreeMap<String, String>) {
    insta::assert_snapshot!(lines(told), @r"
    jobReplay: job.replayed
    journeyCancel: journey.cancelled, stage_visit.ended, task.cancelled
    journeyMakePrimary: journey.updated, journey.updated
    journeyMigrate: journey.migrated, stage_visit.updated
    journeyMove: journey.completed, stage_visit.ended, task.cancelled
    journeyStart: journey.updated, journey.started, stage_visit.opened, task.opened, task.opened
    journeyTemplateArchive: journey_template.archived
    journeyTemplateCreate: journey_template.created, journey_template_version.created
    journeyTemplateDraftOpen: journey_template_version.created, journey_template_version.updated
    journeyTemplateDraftSave: journey_template_version.updated
    journeyTemplatePublish: journey_template_version.retired, journey_template_version.published
    journeyTemplateRestore: journey_template.restored
    journeyTemplateUpdate: journey_template.updated
    metricArchive: metric.archived
    metricCreate: metric.created
    metricPointsRecord: metric.recorded
    metricRetentionUpdate: workspace.updated
    metricUpdate: metric.updated
    milestoneArchive: milestone.archived
    milestoneCreate: milestone.created
    milestoneReach: milestone.reached
    milestoneReopen: milestone.reopened
    milestoneUpdate: milestone.updated
    opportunityClose: opportunity.closed
    opportunityCreate: opportunity.opened
    opportunityReopen: opportunity.reopened
    opportunityUpdate: opportunity.updated
    optionArchive: option.archived
    optionCreate: option.created
    optionRestore: option.restored
    optionSetCreate: option_set.created
    optionSetReorder: option.updated, option.updated, option.updated, option.updated
    optionSetUpdate: option_set.updated
    optionUpdate: option.updated
    ");
}

fn check_others(mut told: BTreeMap<String, String>) {
    let mut plugins = told.clone();
    plugins.retain(|name, _| name.starts_with("plugin"));
    told.retain(|name, _| !name.starts_with("plugin"));
    insta::assert_snapshot!(lines(plugins), @r"
    pluginDisable: plugin.disabled
    pluginEnable: plugin.enabled
    pluginPlanApply: plugin_plan.applied, plugin.installed, plugin_version.created
    pluginPlanApprove: plugin_plan.accepted
    pluginPlanDiscard: plugin_plan.discarded
    pluginPlanPropose: plugin_plan.proposed
    pluginRollBack: plugin.rolled_back
    pluginUninstall: plugin.archived
    ");
    check_the_rest(told);
}

fn check_the_rest(told: BTreeMap<String, String>) {
    insta::assert_snapshot!(lines(told), @r"
    productArchive: product.archived
    productCreate: product.created
    productRestore: product.restored
    productUpdate: product.updated
    pulseArchive: pulse.archived
    pulseRecord: pulse.created
    pulseUpdate: pulse.updated
    renewalLose: renewal.updated, subscription.updated
    renewalWin:
      renewal.updated
      subscription.updated
      revenue_movement.recorded
      renewal.created
      revenue_movement.recorded
    retentionPolicySet: workspace.updated
    revenueMovementUpdate: revenue_movement.updated
    riskClose: risk.closed
    riskCreate: risk.opened
    riskReopen: risk.reopened
    riskUpdate: risk.updated
    segmentArchive: segment.archived
    segmentCreate: segment.created
    segmentRestore: segment.restored
    segmentUpdate: segment.updated
    selectionRuleArchive: selection_rule.archived
    selectionRuleCreate: selection_rule.created
    selectionRuleUpdate: selection_rule.updated
    subscriptionCreate:
      subscription.created
      revenue_movement.updated
      revenue_movement.recorded
    subscriptionUpdate: subscription.updated
    successPlanArchive: success_plan.archived
    successPlanCreate: success_plan.created
    successPlanUpdate: success_plan.updated
    surveyArchive: survey.archived
    surveyCreate: survey.created
    surveyResponseRecord: survey_response.created
    surveyUpdate: survey.updated
    taskAssign: task.reassigned
    taskCancel: task.cancelled
    taskComplete: journey.waiting, stage_visit.updated, task.completed
    taskCreate: task.opened
    taskReopen: journey.resumed, stage_visit.updated, task.reopened
    taskReschedule: task.rescheduled
    taskSkip: journey.waiting, stage_visit.updated, task.skipped
    taskWaitOn: task.updated
    teamArchive: team.archived
    teamCreate: team.created
    teamMemberAdd: team.updated
    teamMemberRemove: team.updated
    teamRestore: team.restored
    teamUpdate: team.updated
    userCreate: user.created
    userDeactivate: user.deactivated
    userReactivate: user.restored
    userUpdate: user.updated
    workspaceClockAdvance: workspace.updated
    workspaceUpdate: workspace.updated
    ");
}

/// The types of the events that a mutation leaves behind in a workspace of its own.
async fn told_by(app: &TestApp, call: &Call) -> String {
    let tenant = app.sandbox().await;
    let workspace_id = tenant.workspace.id;
    seed::records(app, &tenant).await;
    bury_jobs(app, workspace_id).await;
    let case = CASES.iter().find(|(field, _)| *field == call.field);
    let mut steps: Vec<_> = case.map(|(_, steps)| steps.to_vec()).unwrap_or_default();
    let own = steps.pop_if(|step| step.starts_with(&format!("{} ", call.field)));
    for step in steps {
        let records = seed::newest(app, workspace_id).await;
        done(app, &tenant, &records.fill(&document(step))).await;
    }
    let before = events(app, workspace_id).await.len();
    let records = seed::newest(app, workspace_id).await;
    let document = own.map_or_else(|| call.with(&records), |own| records.fill(&document(own)));
    done(app, &tenant, &document).await;
    let new: Vec<_> = events(app, workspace_id).await.into_iter().skip(before).collect();
    assert!(new.iter().all(|(_, entries)| *entries == 1), "{}: {new:?}", call.field);
    let types: Vec<_> = new.into_iter().map(|(event_type, _)| event_type).collect();
    assert!(!types.is_empty(), "{} is silent", call.field);
    types.join(", ")
}

/// The mutation that `name {input}` stands for.
fn document(step: &str) -> String {
    let (name, input) = step.split_once(' ').expect("a name and its input");
    let input = input.replace("<file>", &in_base64("training-session"));
    format!("mutation {{ {name}(input: {input}) {{ userErrors {{ field code }} }} }}")
}

/// Sends a mutation, which must not be refused.
async fn done(app: &TestApp, tenant: &Tenant, document: &str) {
    let answer = app.data(&tenant.token, document, json!({})).await;
    let payload = answer.as_object().and_then(|data| data.values().next());
    let errors = payload.map(|payload| &payload["userErrors"]);
    assert_eq!(errors, Some(&json!([])), "{document}");
}

/// Lets all jobs be dead, so that one can be replayed.
async fn bury_jobs(app: &TestApp, workspace_id: WorkspaceId) {
    let sql = "UPDATE job SET state = 'DEAD' WHERE workspace_id = $1";
    let db = app.app.db.write();
    let values = [workspace_id.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.expect("the table can be written");
}

/// The types of the events of a workspace in the order of their writing, each with the number of
/// its audit entries.
async fn events(app: &TestApp, workspace_id: WorkspaceId) -> Vec<(String, i64)> {
    let db = app.app.db.read();
    let sql = "SELECT type, (
            SELECT COUNT(*) FROM audit_entry AS entry
            WHERE entry.workspace_id = event.workspace_id AND entry.event_id = event.id
        ) AS entries FROM event WHERE workspace_id = $1 ORDER BY id";
    let values = [workspace_id.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await.expect("the table can be read");
    let read = |row: &QueryResult| row.try_get_many("", &["type".into(), "entries".into()]);
    rows.iter().map(|row| read(row).expect("a text and a number")).collect()
}
