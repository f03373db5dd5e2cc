//! How mutations come to have something to do.

/// What has to happen before the call of a mutation has something to do, and the call itself where
/// the one made from the schema says nothing new. An id is that of the newest record of its kind.
pub(super) const CASES: &[(&str, &[&str])] = &[
    ("accountActivate", &[r#"accountCreate {name: "Another", status: TRIAL}"#]),
    ("accountArchive", &[r#"accountChurn {id: "<Account>", reason: "so"}"#]),
    ("accountCreate", &[r#"accountCreate {name: "Another"}"#]),
    (
        "accountRestore",
        &[r#"accountChurn {id: "<Account>", reason: "so"}"#, r#"accountArchive {id: "<Account>"}"#],
    ),
    ("accountResume", &[r#"accountPause {id: "<Account>", reason: "so"}"#]),
    ("accountUpdate", &[r#"accountUpdate {id: "<Account>", name: "Another"}"#]),
    (
        "attributeDefinitionCreate",
        &[r#"attributeDefinitionCreate {
                subjectKind: CONTACT, key: "level", name: "Level", valueType: TEXT
            }"#],
    ),
    (
        "attributeDefinitionRestore",
        &[r#"attributeDefinitionArchive {id: "<AttributeDefinition>"}"#],
    ),
    (
        "attributeDefinitionUpdate",
        &[r#"attributeDefinitionUpdate {id: "<AttributeDefinition>", name: "Another"}"#],
    ),
    ("contactCreate", &[r#"contactCreate {accountId: "<Account>", name: "Another"}"#]),
    ("contactRestore", &[r#"contactArchive {id: "<Contact>"}"#]),
    ("contactUpdate", &[r#"contactUpdate {id: "<Contact>", name: "Another"}"#]),
    (
        "deferredItemDecide",
        &[r#"deferredItemDecide {id: "<DeferredItem>", status: ADOPTED, decision: "so"}"#],
    ),
    ("deferredItemUpdate", &[r#"deferredItemUpdate {id: "<DeferredItem>", title: "Another"}"#]),
    ("goalClose", &[r#"goalClose {id: "<Goal>", status: ACHIEVED}"#]),
    ("goalReopen", &[r#"goalClose {id: "<Goal>", status: MISSED}"#]),
    ("goalUpdate", &[r#"goalUpdate {id: "<Goal>", outcome: "Another"}"#]),
    ("handoffAccept", &[r#"handoffAccept {id: "<Handoff>", reason: "so"}"#]),
    ("handoffCheck", &[r#"handoffCheck {id: "<Handoff>", position: 0}"#]),
    ("handoffUpdate", &[r#"handoffUpdate {id: "<Handoff>", notes: "Another"}"#]),
    (
        "healthModelActivate",
        &[
            r#"healthModelPropose {id: "<HealthModel>", definition: {weighted: {measures: [
                {key: "nps", weight: 1, source: {builtIn: LAST_NPS}, scale: [{at: 0, points: 9}]}
            ]}}}"#,
            r#"healthModelActivate {id: "<HealthModel>", versionId: "<HealthModelVersion>"}"#,
        ],
    ),
    (
        "healthModelCreate",
        &[r#"healthModelCreate {name: "Another", definition: {weighted: {measures: [
            {key: "nps", weight: 1, source: {builtIn: LAST_NPS}, scale: [{at: 0, points: 9}]}
        ]}}}"#],
    ),
    (
        "healthModelDiscard",
        &[r#"healthModelPropose {id: "<HealthModel>", definition: {weighted: {measures: [
            {key: "nps", weight: 1, source: {builtIn: LAST_NPS}, scale: [{at: 0, points: 9}]}
        ]}}}"#],
    ),
    (
        "healthModelPropose",
        &[r#"healthModelPropose {id: "<HealthModel>", definition: {weighted: {measures: [
            {key: "nps", weight: 1, source: {builtIn: LAST_NPS}, scale: [{at: 0, points: 9}]}
        ]}}}"#],
    ),
    ("healthModelUpdate", &[r#"healthModelUpdate {id: "<HealthModel>", name: "Another"}"#]),
    (
        "healthOverrideSet",
        &[r#"healthOverrideSet {accountId: "<Account>", value: 10, reason: "so"}"#],
    ),
    (
        "journeyMakePrimary",
        &[r#"journeyStart {
                accountId: "<Account>", templateId: "<JourneyTemplate>", isPrimary: false
            }"#],
    ),
    (
        "journeyMigrate",
        &[
            r#"journeyTemplateDraftOpen {templateId: "<JourneyTemplate>"}"#,
            r#"journeyTemplatePublish {id: "<JourneyTemplateVersion>"}"#,
        ],
    ),
    (
        "journeyTemplateDraftSave",
        &[
            r#"journeyTemplateDraftOpen {templateId: "<JourneyTemplate>"}"#,
            r#"journeyTemplateDraftSave {id: "<JourneyTemplateVersion>", stages: []}"#,
        ],
    ),
    ("journeyTemplatePublish", &[r#"journeyTemplateDraftOpen {templateId: "<JourneyTemplate>"}"#]),
    ("journeyTemplateRestore", &[r#"journeyTemplateArchive {id: "<JourneyTemplate>"}"#]),
    (
        "journeyTemplateUpdate",
        &[r#"journeyTemplateUpdate {id: "<JourneyTemplate>", name: "Another"}"#],
    ),
    ("metricRetentionUpdate", &[r#"metricRetentionUpdate {dailyDays: 90}"#]),
    ("metricUpdate", &[r#"metricUpdate {id: "<Metric>", name: "Another"}"#]),
    ("milestoneReopen", &[r#"milestoneReach {id: "<Milestone>"}"#]),
    ("milestoneUpdate", &[r#"milestoneUpdate {id: "<Milestone>", title: "Another"}"#]),
    (
        "opportunityClose",
        &[r#"opportunityClose {id: "<Opportunity>", status: WON, resolution: "so"}"#],
    ),
    ("opportunityReopen", &[r#"opportunityClose {id: "<Opportunity>", status: LOST}"#]),
    ("opportunityUpdate", &[r#"opportunityUpdate {id: "<Opportunity>", title: "Another"}"#]),
    ("optionArchive", &[r#"optionCreate {setId: "<OptionSet>", key: "new", label: "New"}"#]),
    (
        "optionRestore",
        &[
            r#"optionCreate {setId: "<OptionSet>", key: "new", label: "New"}"#,
            r#"optionArchive {id: "<Option>"}"#,
        ],
    ),
    ("optionSetUpdate", &[r#"optionSetUpdate {id: "<OptionSet>", name: "Another"}"#]),
    ("optionUpdate", &[r#"optionUpdate {id: "<Option>", label: "Another"}"#]),
    ("pluginEnable", &[r#"pluginDisable {id: "<Plugin>"}"#]),
    ("pluginPlanPropose", &[r#"pluginPlanPropose {file: "<file>"}"#]),
    ("productRestore", &[r#"productArchive {id: "<Product>"}"#]),
    ("productUpdate", &[r#"productUpdate {id: "<Product>", name: "Another"}"#]),
    ("pulseRecord", &[r#"pulseRecord {accountId: "<Account>", trust: 1}"#]),
    ("pulseUpdate", &[r#"pulseUpdate {id: "<Pulse>", emotion: 1}"#]),
    ("renewalWin", &[r#"renewalWin {id: "<Renewal>", endsOn: "2030-01-01", amountMinor: 200}"#]),
    ("retentionPolicySet", &[r#"retentionPolicySet {kind: ALERT, days: 90}"#]),
    (
        "revenueMovementUpdate",
        &[r#"revenueMovementUpdate {id: "<RevenueMovement>", csSourced: true}"#],
    ),
    ("riskClose", &[r#"riskClose {id: "<Risk>", status: MITIGATED, resolution: "so"}"#]),
    ("riskReopen", &[r#"riskClose {id: "<Risk>", status: LOST, resolution: "so"}"#]),
    ("riskUpdate", &[r#"riskUpdate {id: "<Risk>", severity: CRITICAL}"#]),
    ("segmentCreate", &[r#"segmentCreate {name: "Another", filter: {}}"#]),
    ("segmentRestore", &[r#"segmentArchive {id: "<Segment>"}"#]),
    ("segmentUpdate", &[r#"segmentUpdate {id: "<Segment>", name: "Another"}"#]),
    (
        "selectionRuleCreate",
        &[r#"selectionRuleCreate {templateId: "<JourneyTemplate>", name: "Another"}"#],
    ),
    ("selectionRuleUpdate", &[r#"selectionRuleUpdate {id: "<SelectionRule>", name: "Another"}"#]),
    (
        "subscriptionCreate",
        &[r#"subscriptionCreate {
                accountId: "<Account>", name: "Another", startsOn: "2026-01-01",
                amount: { amountMinor: 1, currency: "BRL" }, interval: MONTH
            }"#],
    ),
    ("subscriptionUpdate", &[r#"subscriptionUpdate {id: "<Subscription>", name: "Another"}"#]),
    ("successPlanCreate", &[r#"successPlanArchive {id: "<SuccessPlan>"}"#]),
    ("successPlanUpdate", &[r#"successPlanUpdate {id: "<SuccessPlan>", pains: "Some"}"#]),
    ("surveyUpdate", &[r#"surveyUpdate {id: "<Survey>", name: "Another"}"#]),
    ("taskCancel", &[r#"taskCreate {accountId: "<Account>", title: "Call"}"#]),
    ("taskCreate", &[r#"taskCreate {accountId: "<Account>", title: "Call", riskId: "<Risk>"}"#]),
    ("taskReopen", &[r#"taskSkip {taskId: "<Task>", reason: "so"}"#]),
    (
        "taskReschedule",
        &[r#"taskReschedule {taskId: "<Task>", dueOn: "2026-02-02", reason: "so"}"#],
    ),
    ("taskWaitOn", &[r#"taskWaitOn {taskId: "<Task>", waitingOn: CUSTOMER, reason: "so"}"#]),
    ("teamMemberAdd", &[r#"teamMemberRemove {teamId: "<Team>", userId: "<User>"}"#]),
    ("teamRestore", &[r#"teamArchive {id: "<Team>"}"#]),
    ("teamUpdate", &[r#"teamUpdate {id: "<Team>", name: "Another"}"#]),
    ("userDeactivate", &[r#"userDeactivate {id: "<User>"}"#]),
    ("userReactivate", &[r#"userDeactivate {id: "<User>"}"#]),
    ("userUpdate", &[r#"userUpdate {id: "<User>", name: "Another"}"#]),
    ("workspaceUpdate", &[r#"workspaceUpdate {name: "Another"}"#]),
];
