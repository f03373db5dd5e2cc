//! Contacts, and what other systems call our records.

use jornada_domain::options::option::{self, NewOption};
use jornada_domain::options::set;
use serde_json::{Value, json};

use crate::customers::{self, global};
use crate::harness::{TestApp, both};

both!(
    an_account_has_one_primary_contact_at_most,
    roles_are_options_of_the_contact_roles,
    every_problem_of_a_contact_names_its_field,
    contacts_are_found_by_account_address_and_role,
    what_is_personal_stays_out_of_events_and_audit_entries,
    contacts_of_another_workspace_are_not_found,
    a_reference_can_be_put_again_but_never_moves,
    references_name_records_of_this_workspace_only,
);

/// The global id of a new account of the home workspace.
async fn open(app: &TestApp, name: &str) -> String {
    global(customers::account(app, name, None).await.id)
}

/// The global id of a new contact role.
async fn add_role(app: &TestApp, key: &str) -> String {
    let owner = app.home().await.actor();
    let set = set::by_key(&app.read(&owner), set::CONTACT_ROLE).await.expect("it is built in");
    let new = NewOption { set_id: set.id, key: key.to_owned(), label: key.to_owned() };
    global(app.write(&owner, async |tx| option::create(tx, new).await).await.id)
}

/// The global id of a new contact.
async fn add(app: &TestApp, mut input: Value, account: &str) -> String {
    let token = &app.home().await.token;
    input["accountId"] = json!(account);
    let payload = app.mutate(token, "contactCreate", "contact { id }", input).await;
    payload["contact"]["id"].as_str().expect("it was added").to_owned()
}

/// The names of the contacts that a filter keeps.
async fn names(app: &TestApp, filter: Value) -> Value {
    let token = &app.home().await.token;
    let query = "query($filter: ContactFilter) { contacts(filter: $filter) { nodes { name } } }";
    let data = app.data(token, query, json!({ "filter": filter })).await;
    let nodes = data["contacts"]["nodes"].as_array().expect("it is a list");
    nodes.iter().map(|node| node["name"].clone()).collect()
}

async fn an_account_has_one_primary_contact_at_most(app: TestApp) {
    let token = &app.home().await.token;
    let (account, other) = (open(&app, "Padaria").await, open(&app, "Bistro").await);
    let ana = add(&app, json!({ "name": "Ana", "isPrimary": true }), &account).await;
    add(&app, json!({ "name": "Ivo", "isPrimary": true }), &other).await;
    let eva = add(&app, json!({ "name": "Eva", "isPrimary": true }), &account).await;
    let primary =
        async || names(&app, json!({ "isPrimary": true, "accountId": { "eq": account } })).await;
    assert_eq!(primary().await, json!(["Eva"]));
    let input = json!({ "id": ana, "isPrimary": true });
    app.mutate(token, "contactUpdate", "", input).await;
    assert_eq!(primary().await, json!(["Ana"]));
    let selection = "contact { isPrimary archivedAt }";
    let gone = app.mutate(token, "contactArchive", selection, json!({ "id": ana })).await;
    let at = "2026-01-20T12:00:00+00:00";
    assert_eq!(gone["contact"], json!({ "isPrimary": false, "archivedAt": at }));
    assert_eq!(primary().await, json!([]));
    app.mutate(token, "contactUpdate", "", json!({ "id": eva, "isPrimary": true })).await;
    let back = app.mutate(token, "contactRestore", selection, json!({ "id": ana })).await;
    assert_eq!(back["contact"], json!({ "isPrimary": false, "archivedAt": null }));
    assert_eq!(primary().await, json!(["Eva"]));
}

async fn roles_are_options_of_the_contact_roles(app: TestApp) {
    let token = &app.home().await.token;
    let account = open(&app, "Padaria").await;
    let (buyer, sponsor) = (add_role(&app, "buyer").await, add_role(&app, "sponsor").await);
    let new = json!({ "name": "Ana", "roleIds": [sponsor, buyer, sponsor] });
    let ana = add(&app, new, &account).await;
    let update = async |input: Value, selection: &str| {
        app.mutate(token, "contactUpdate", selection, input).await["contact"].take()
    };
    let roles = "contact { version roles { key } }";
    let kept = update(json!({ "id": ana, "title": "CEO" }), roles).await;
    let both = json!([{ "key": "buyer" }, { "key": "sponsor" }]);
    assert_eq!(kept["roles"], both);
    app.mutate(token, "optionArchive", "", json!({ "id": buyer })).await;
    let kept = update(json!({ "id": ana, "roleIds": [buyer, sponsor] }), roles).await;
    assert_eq!(kept["roles"], both);
    let fewer = update(json!({ "id": ana, "roleIds": [sponsor] }), roles).await;
    assert_eq!(fewer["roles"], json!([{ "key": "sponsor" }]));
    let input = json!({ "id": ana, "roleIds": [sponsor, buyer] });
    assert_eq!(app.refused(token, "contactUpdate", input).await, "roleIds.1: UNKNOWN_OPTION");
    let input = json!({ "id": ana, "roleIds": vec![sponsor; 21] });
    assert_eq!(app.refused(token, "contactUpdate", input).await, "roleIds: TOO_MANY");
}

async fn every_problem_of_a_contact_names_its_field(app: TestApp) {
    let token = &app.home().await.token;
    let account = open(&app, "Padaria").await;
    let input = json!({
        "accountId": account, "name": "", "email": "nobody", "phone": "1".repeat(41),
        "timeZone": "Here", "roleIds": [account],
    });
    let told = app.refused(token, "contactCreate", input.clone()).await;
    let rest = "name: REQUIRED; email: BAD_FORMAT; phone: TOO_LONG; timeZone: UNKNOWN_TIME_ZONE";
    assert_eq!(told, format!("roleIds.0: BAD_ID; {rest}"));
    let mut input = input;
    input["roleIds"] = json!([]);
    input["accountId"] = json!(global(jornada_domain::id::AccountId(uuid::Uuid::nil())));
    let told = app.refused(token, "contactCreate", input).await;
    assert_eq!(told, format!("accountId: NOT_FOUND; {rest}"));
    assert_eq!(names(&app, json!({})).await, json!([]));
    let ana = add(&app, json!({ "name": "Ana" }), &account).await;
    app.mutate(token, "contactArchive", "", json!({ "id": ana })).await;
    let input = json!({ "id": ana, "name": "Eva" });
    assert_eq!(app.refused(token, "contactUpdate", input).await, "id: ARCHIVED");
    let eva = add(&app, json!({ "name": "Eva" }), &account).await;
    let input = json!({ "id": eva, "name": null, "isPrimary": null, "roleIds": null });
    let told = app.refused(token, "contactUpdate", input).await;
    assert_eq!(told, "roleIds: REQUIRED; name: REQUIRED; isPrimary: REQUIRED");
}

async fn contacts_are_found_by_account_address_and_role(app: TestApp) {
    let token = &app.home().await.token;
    let (padaria, bistro) = (open(&app, "Padaria").await, open(&app, "Bistro").await);
    let buyer = add_role(&app, "buyer").await;
    let ana = json!({ "name": "Ana", "email": "Ana@Example.com", "hasOptedOut": true });
    let ana = add(&app, ana, &padaria).await;
    add(&app, json!({ "name": "Eva", "roleIds": [buyer] }), &bistro).await;
    assert_eq!(names(&app, json!({ "accountId": { "eq": bistro } })).await, json!(["Eva"]));
    assert_eq!(names(&app, json!({ "email": "ANA@example.com " })).await, json!(["Ana"]));
    assert_eq!(names(&app, json!({ "roleId": { "in": [buyer] } })).await, json!(["Eva"]));
    let query = "query($id: ID!) { contact(id: $id) { email optedOutAt account { name } } }";
    let found = app.data(token, query, json!({ "id": ana })).await["contact"].take();
    let expected = json!({
        "email": "ana@example.com", "optedOutAt": "2026-01-20T12:00:00+00:00",
        "account": { "name": "Padaria" },
    });
    assert_eq!(found, expected);
    app.advance(1);
    // Saying it again does not change since when.
    let input = json!({ "id": ana, "hasOptedOut": true });
    let same = app.mutate(token, "contactUpdate", "contact { optedOutAt version }", input).await;
    let expected = json!({ "optedOutAt": expected["optedOutAt"], "version": 1 });
    assert_eq!(same["contact"], expected);
    app.mutate(token, "contactArchive", "", json!({ "id": ana })).await;
    assert_eq!(names(&app, json!({})).await, json!(["Eva"]));
    assert_eq!(names(&app, json!({ "includeArchived": true })).await, json!(["Ana", "Eva"]));
}

async fn what_is_personal_stays_out_of_events_and_audit_entries(app: TestApp) {
    let token = &app.home().await.token;
    let account = open(&app, "Padaria").await;
    let (name, email, phone) = ("Ana Sigilo", "sigilo@example.com", "+55 71 99999-0000");
    let new = json!({ "name": name, "email": email, "phone": phone });
    let ana = add(&app, new, &account).await;
    let input = json!({ "id": ana, "phone": null });
    app.mutate(token, "contactUpdate", "", input).await;
    let query = "query($id: ID!) {
        events(filter: { subjectId: $id }) { nodes { type changed } }
        auditEntries(subjectId: $id) { nodes { action changes } } }";
    let data = app.data(token, query, json!({ "id": ana })).await;
    assert_eq!(data["events"]["nodes"].as_array().map(Vec::len), Some(2), "{data:#}");
    assert_eq!(data["auditEntries"]["nodes"].as_array().map(Vec::len), Some(2), "{data:#}");
    let text = data.to_string();
    for personal in [name, email, phone] {
        assert!(!text.contains(personal), "{data:#}");
    }
}

async fn contacts_of_another_workspace_are_not_found(app: TestApp) {
    let account = open(&app, "Padaria").await;
    let ana = add(&app, json!({ "name": "Ana" }), &account).await;
    let stranger = &app.workspace().await.token;
    for mutation in ["contactUpdate", "contactArchive", "contactRestore"] {
        let told = app.refused(stranger, mutation, json!({ "id": ana })).await;
        assert_eq!(told, "id: NOT_FOUND", "{mutation}");
    }
    let input = json!({ "accountId": account, "name": "Eva" });
    assert_eq!(app.refused(stranger, "contactCreate", input).await, "accountId: NOT_FOUND");
}

async fn a_reference_can_be_put_again_but_never_moves(app: TestApp) {
    let token = &app.home().await.token;
    let (padaria, bistro) = (open(&app, "Padaria").await, open(&app, "Bistro").await);
    let reference =
        |subject: &str| json!({ "system": "crm", "externalId": "7", "subjectId": subject });
    let selection = "externalRef { id version kind subject { __typename id } }";
    let put = app.mutate(token, "externalRefPut", selection, reference(&padaria)).await;
    assert_eq!(put["externalRef"]["kind"], json!("ACCOUNT"));
    let subject = json!({ "__typename": "Account", "id": padaria });
    assert_eq!(put["externalRef"]["subject"], subject);
    let again = app.mutate(token, "externalRefPut", selection, reference(&padaria)).await;
    assert_eq!(again, put);
    let told = app.refused(token, "externalRefPut", reference(&bistro)).await;
    assert_eq!(told, "externalId: TAKEN");

    let query = "{ accountByExternalRef(system: \"crm\", externalId: \"7\") {
        name externalRefs { nodes { system externalId } } } }";
    let found = app.data(token, query, json!({})).await["accountByExternalRef"].take();
    let refs = json!({ "nodes": [{ "system": "crm", "externalId": "7" }] });
    assert_eq!(found, json!({ "name": "Padaria", "externalRefs": refs }));
    let gone = json!({ "id": put["externalRef"]["id"] });
    let gone = app.mutate(token, "externalRefDelete", "deletedId", gone).await;
    assert_eq!(gone["deletedId"], put["externalRef"]["id"]);
    app.mutate(token, "externalRefPut", "", reference(&bistro)).await;
    let found = app.data(token, query, json!({})).await["accountByExternalRef"].take();
    assert_eq!(found["name"], json!("Bistro"));
}

async fn references_name_records_of_this_workspace_only(app: TestApp) {
    let token = &app.home().await.token;
    let account = open(&app, "Padaria").await;
    let contact = add(&app, json!({ "name": "Ana" }), &account).await;
    let user = global(app.home().await.owner.id);
    for (subject, external_id) in [(&account, "1"), (&contact, "1"), (&user, "1")] {
        let input = json!({ "system": "crm", "externalId": external_id, "subjectId": subject });
        app.mutate(token, "externalRefPut", "", input).await;
    }
    let query = "query($filter: ExternalRefFilter) { externalRefs(filter: $filter) {
        totalCount nodes { kind } } }";
    let filter = json!({ "system": { "eq": "crm" }, "kind": { "in": ["USER", "CONTACT"] } });
    let found = app.data(token, query, json!({ "filter": filter })).await["externalRefs"].take();
    let nodes = json!([{ "kind": "CONTACT" }, { "kind": "USER" }]);
    assert_eq!(found, json!({ "totalCount": 2, "nodes": nodes }));

    let input = json!({ "system": "C R M", "externalId": " ", "subjectId": account });
    let told = app.refused(token, "externalRefPut", input).await;
    assert_eq!(told, "system: BAD_FORMAT; externalId: REQUIRED");
    let set = global(jornada_domain::id::OptionSetId(uuid::Uuid::nil()));
    let input = json!({ "system": "crm", "externalId": "1", "subjectId": set });
    assert_eq!(app.refused(token, "externalRefPut", input).await, "subjectId: BAD_ID");
    let stranger = &app.workspace().await.token;
    let input = json!({ "system": "crm", "externalId": "1", "subjectId": account });
    assert_eq!(app.refused(stranger, "externalRefPut", input).await, "subjectId: NOT_FOUND");
}
