//! What holds for the whole schema of the API.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use async_graphql::parser::types::{InputValueDefinition, TypeKind};
use jornada_domain::error::Code;
use jornada_domain::id::Kind;
use jornada_server::graphql;

use crate::api::{Api, is_list, named, values, words};

/// Lists that are no connections, because something else keeps them short.
const BOUNDED: &[(&str, &str)] = &[
    ("Account.recurringRevenue", "one amount for each currency"),
    ("Account.healthScores", "one by each model, at most 20"),
    ("HealthMeasure.scale", "at most 20 steps"),
    ("HealthMeasure.words", "at most 100 words"),
    ("HealthScore.contributions", "one of each measure, at most 32"),
    ("HealthCoverage.inputs", "one for each measure or input, at most 64"),
    ("HealthHindsight.parts", "at most ten"),
    ("HealthInput.words", "those that a plugin names, in an answer of 4 MiB at most"),
    ("HealthScore.missing", "at most as many as there are measures"),
    ("Plugin.grants", "kinds of operations, of which there are ten"),
    ("PluginAbout.capabilities", "kinds of operations, of which there are ten"),
    ("PluginMisfit.problems", "at most 64"),
    ("PluginPlan.misfits", "at most 200"),
    ("PluginHealth.factors", "at most 32"),
    ("PluginHealth.inputs", "at most 64"),
    ("PluginInvocation.log", "at most 16 KiB"),
    ("PluginRights.added", "kinds of operations, of which there are ten"),
    ("PluginRights.kept", "kinds of operations, of which there are ten"),
    ("PluginRights.removed", "kinds of operations, of which there are ten"),
    ("PluginUsage.healthModels", "at most 20"),
    ("HealthScore.reasons", "at most three"),
    ("WeightedHealth.measures", "at most 32"),
    ("Account.attributes", "each attribute once, at most 200"),
    ("AccountsSummary.accounts", "each status once"),
    ("AccountsSummary.recurringRevenue", "one amount for each currency"),
    ("AccountsSummary.stages", "stages of templates, at most 1,000"),
    ("ApiToken.scopes", "each area once"),
    ("Contact.attributes", "each attribute once, at most 200"),
    ("Contact.roles", "each role once"),
    ("OnboardingCohort.churn", "90, 180, 365 days and until today"),
    ("OnboardingCohorts.cohorts", "at most 60"),
    ("Event.changed", "the fields of one record"),
    ("Handoff.checklist", "as many as were sent, at most 50"),
    ("Journey.awaitedIndicators", "the indicators of a stage, at most 100 for each before it"),
    ("Journey.tasks", "the tasks of a stage, at most 100"),
    ("JourneyMigration.added", "the tasks of a stage, at most 100"),
    ("JourneyMigration.cancelled", "the tasks of a stage, at most 100"),
    ("JourneyMigration.kept", "the tasks of a stage, at most 100"),
    ("JourneyTemplateVersion.problems", "as long as a version, which has at most 50 stages"),
    ("JourneyTemplateVersion.stages", "the stages of a version, at most 50"),
    ("MetricLoad.rejects", "the first problems of its lines, at most 100"),
    ("MetricPointsRecordPayload.points", "as many as were sent, at most 500"),
    ("Query.nodes", "as many as there are ids, at most 100"),
    ("Query.taskTypes", "the types of the core"),
    ("RenewalsDueSummary.recurringRevenue", "one amount for each currency"),
    ("RevenueGroup.currencies", "one entry for each currency"),
    ("RevenuePeriod.groups", "users or options of a workspace, at most 2,000 rows"),
    ("RevenueReport.periods", "at most 36"),
    ("SelectionRule.attributes", "conditions, at most 20"),
    ("SelectionRule.marketSegments", "as many as were sent, at most 100"),
    ("SelectionRule.packages", "as many as were sent, at most 100"),
    ("SelectionRule.statuses", "each status once"),
    ("StageTemplate.tasks", "the tasks of a stage, at most 100"),
    ("StageVisit.tasks", "the tasks of a stage, at most 100"),
    ("Subscription.attributes", "each attribute once, at most 200"),
    ("Subscription.lines", "each product once, at most 100"),
    ("UserError.field", "as long as inputs are deep"),
    ("Viewer.scopes", "each area once"),
    ("Workspace.retentionPolicies", "each kind once"),
    ("Workspace.workingDays", "the days of a week"),
];

#[test]
fn the_schema_in_the_repository_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/graphql/schema.graphql");
    let kept = fs::read_to_string(path).unwrap_or_default();
    let hint = "run `cargo run -- schema print > schema/graphql/schema.graphql`";
    assert!(kept == graphql::sdl(), "schema/graphql/schema.graphql is out of date: {hint}");
}

#[test]
fn everything_is_described() {
    let api = Api::load();
    let mut silent = Vec::new();
    let mut tell = |place: String, text: &str| {
        if !text.trim().ends_with(['.', ':']) {
            silent.push(place);
        }
    };
    for (name, of) in &api.0 {
        tell(name.clone(), words(of.description.as_ref()));
        for field in api.fields(name) {
            let place = format!("{name}.{}", field.name.node);
            tell(place.clone(), words(field.description.as_ref()));
            for argument in &field.arguments {
                let InputValueDefinition { name, description, .. } = &argument.node;
                tell(format!("{place}({})", name.node), words(description.as_ref()));
            }
        }
        for field in api.inputs(name) {
            tell(format!("{name}.{}", field.name.node), words(field.description.as_ref()));
        }
        if let TypeKind::Enum(of) = &of.kind {
            for value in &of.values {
                let words = words(value.node.description.as_ref());
                tell(format!("{name}.{}", value.node.value.node), words);
            }
        }
    }
    assert_eq!(silent, [""; 0], "describe these, in sentences");
}

#[test]
fn a_mutation_takes_one_input_and_gives_a_payload_with_user_errors() {
    let api = Api::load();
    for field in api.fields("Mutation") {
        let name = &field.name.node;
        let pascal = name[..1].to_uppercase() + &name[1..];
        let arguments: Vec<_> =
            field.arguments.iter().map(|a| format!("{}: {}", a.node.name, a.node.ty)).collect();
        assert_eq!(arguments, [format!("input: {pascal}Input!")], "{name}");
        assert_eq!(field.ty.node.to_string(), format!("{pascal}Payload!"), "{name}");
        for part in api.fields(&format!("{pascal}Payload")) {
            let is_errors = part.name.node == "userErrors";
            let shown = part.ty.node.to_string();
            assert_eq!(is_errors, shown == "[UserError!]!", "{name}: {shown}");
            assert!(is_errors || part.ty.node.nullable, "{name}.{} is null on errors", part.name);
        }
    }
}

#[test]
fn every_list_is_a_connection_or_is_short() {
    let api = Api::load();
    let mut lists = BTreeSet::new();
    for name in api.0.keys() {
        for field in api.fields(name).filter(|field| is_list(&field.ty.node)) {
            let is_connection = name.ends_with("Connection");
            if !is_connection && field.name.node != "userErrors" {
                lists.insert(format!("{name}.{}", field.name.node));
            }
        }
    }
    let bounded: BTreeSet<_> = BOUNDED.iter().map(|(place, _)| (*place).to_owned()).collect();
    assert_eq!(lists, bounded, "make it a connection, or say in BOUNDED what keeps it short");
}

#[test]
fn a_connection_is_nullable_and_is_paged_in_both_directions() {
    let api = Api::load();
    for name in api.0.keys() {
        for field in api.fields(name).filter(|f| named(&f.ty.node).ends_with("Connection")) {
            let place = format!("{name}.{}", field.name.node);
            assert!(field.ty.node.nullable, "{place} must be able to fail alone");
            let names: Vec<_> = field.arguments.iter().map(|a| a.node.name.node.as_str()).collect();
            assert!(names.ends_with(&["first", "after", "last", "before"]), "{place}: {names:?}");
        }
    }
}

#[test]
fn every_noun_of_the_api_is_a_node() {
    let api = Api::load();
    let nouns: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.type_name()).collect();
    let shown: BTreeSet<_> = nouns.into_iter().filter(|noun| api.0.contains_key(*noun)).collect();
    assert_eq!(api.implementers("Node").collect::<BTreeSet<_>>(), shown);
}

#[test]
fn the_codes_of_user_errors_are_those_of_the_domain() {
    let api = Api::load();
    let Some(TypeKind::Enum(shown)) = api.kind("UserErrorCode") else {
        panic!("UserErrorCode is an enum");
    };
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(values(shown).collect::<Vec<_>>(), codes);
}

#[test]
fn an_id_is_an_id_everywhere() {
    /// Ids that others give out.
    const FOREIGN: [&str; 2] = ["externalId", "taxId"];
    let api = Api::load();
    let is_id = |name: &str| (name == "id" || name.ends_with("Id")) && !FOREIGN.contains(&name);
    let mut wrong = Vec::new();
    let mut check = |place: String, of: &str| {
        if of != "ID" && of != "IdFilter" {
            wrong.push(place);
        }
    };
    for name in api.0.keys() {
        for field in api.fields(name).filter(|field| is_id(&field.name.node)) {
            check(format!("{name}.{}", field.name.node), named(&field.ty.node));
        }
        for field in api.inputs(name).filter(|field| is_id(&field.name.node)) {
            check(format!("{name}.{}", field.name.node), named(&field.ty.node));
        }
    }
    assert_eq!(wrong, [""; 0]);
}
