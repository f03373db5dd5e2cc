//! `jornada import`, through the real binary.

mod adoption;
mod hostile;
mod kinds;
mod mended;
mod past;
mod runs;

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use jornada_server::import::table::MAX_RECORD_BYTES;
use serde_json::{Value, json};

use crate::harness::{Directory, TestApp, both};
use crate::operator;

both!(
    a_file_becomes_accounts_with_everything_it_says,
    importing_a_file_again_changes_nothing,
    a_changed_row_changes_only_its_account,
    semicolons_latin_1_and_portuguese_headers_are_recognised,
    rejected_rows_are_told_with_their_reasons_and_the_others_land,
    all_that_is_wrong_with_a_row_is_told_at_once,
    mending_the_rejected_rows_is_enough,
    a_row_that_fails_half_way_leaves_nothing_behind,
    the_second_row_of_an_external_id_is_rejected,
    a_dry_run_keeps_nothing,
    a_status_moves_by_the_verbs_that_people_use,
    formulas_stay_text_and_are_harmless_in_the_rejected_rows,
    files_that_cannot_be_used_change_nothing,
    what_cannot_be_done_is_told_before_anything_is_read,
    utf_16_is_read_by_its_mark,
    the_examples_are_imported_as_they_are,
);

/// A file to be imported into the home workspace of a test.
struct Import<'a> {
    app: &'a TestApp,
    directory: Directory,
}

/// What an import printed and how it ended.
struct Done {
    code: i32,
    counts: Value,
    warnings: Vec<String>,
    /// What a dry run would change.
    changes: Vec<Value>,
    /// Where it went on.
    resumed: Option<Value>,
    error: String,
}

impl<'a> Import<'a> {
    fn new(app: &'a TestApp) -> Self {
        Self { app, directory: Directory::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    async fn run(&self, content: impl AsRef<[u8]>) -> Done {
        self.run_with(content, &[]).await
    }

    async fn run_with(&self, content: impl AsRef<[u8]>, options: &[&str]) -> Done {
        self.run_kind("accounts", content, options).await
    }

    async fn run_kind(&self, kind: &str, content: impl AsRef<[u8]>, options: &[&str]) -> Done {
        let file = self.path(&format!("{kind}.csv"));
        fs::write(&file, content).expect("the file is written");
        let arguments = self.arguments(kind, options).await;
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Done::of(&operator::output(self.app.database_url(), &arguments))
    }

    /// The command that imports the file of a kind.
    async fn arguments(&self, kind: &str, options: &[&str]) -> Vec<String> {
        let file = self.path(&format!("{kind}.csv"));
        let file = file.to_str().expect("the path is text");
        let slug = self.app.home().await.workspace.slug.clone();
        let command = ["import", kind, file, "--workspace", &slug];
        command.iter().chain(options).map(|part| (*part).to_owned()).collect()
    }

    /// What the owner of the workspace sees.
    async fn see(&self, query: &str) -> Value {
        self.app.data(&self.app.home().await.token, query, json!({})).await
    }

    fn rejected(&self) -> String {
        fs::read_to_string(self.path("accounts.rejected.csv")).expect("there are rejected rows")
    }

    /// The accounts by name, as the API shows them.
    async fn accounts(&self) -> Vec<Value> {
        let query = "{ accounts(first: 100) { nodes {
            name status taxId city country customerSince churnedOn churnReason
            marketSegment { key label } package { label } csm { email }
            subscriptions { nodes { name startsOn endsOn interval
                amount { amountMinor currency } } } } } }";
        let token = &self.app.home().await.token;
        let mut data = self.app.data(token, query, json!({})).await;
        serde_json::from_value(data["accounts"]["nodes"].take()).expect("it is a list")
    }

    async fn names(&self) -> Vec<String> {
        let name = |account: Value| account["name"].as_str().expect("a name").to_owned();
        self.accounts().await.into_iter().map(name).collect()
    }

    async fn event_count(&self) -> usize {
        let actor = self.app.home().await.actor();
        let cx = self.app.read(&actor);
        let args = jornada_domain::page::PageArgs::first(100);
        let events = jornada_domain::event::list(&cx, Default::default(), &args).await;
        events.expect("events can be read").into_rows().len()
    }
}

impl Done {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is text");
        let lines = text(&output.stdout);
        let lines = lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"));
        let (mut counts, mut warnings) = (Value::Null, Vec::new());
        let (mut changes, mut resumed) = (Vec::new(), None);
        for mut line in lines {
            let line: &mut Value = &mut line;
            match line["event"].as_str() {
                Some("warning") => {
                    warnings.push(line["message"].as_str().expect("a text").to_owned());
                }
                Some("finished") => counts = line.take(),
                Some("change") => changes.push(line.take()),
                Some("resumed") => resumed = Some(line.take()),
                _ => {}
            }
        }
        let code = output.status.code().expect("it was not killed");
        Self { code, counts, warnings, changes, resumed, error: text(&output.stderr) }
    }

    #[track_caller]
    fn assert(&self, created: u64, updated: u64, unchanged: u64, rejected: u64) {
        let count = |name: &str| self.counts[name].as_u64();
        let counts = ["created", "updated", "unchanged", "rejected"].map(count);
        let expected = [created, updated, unchanged, rejected];
        assert_eq!(counts, expected.map(Some), "{}", self.error);
        assert_eq!(count("rows"), Some(expected.iter().sum()));
        assert_eq!(self.code, i32::from(rejected > 0), "{}", self.error);
    }
}

async fn a_file_becomes_accounts_with_everything_it_says(app: TestApp) {
    let import = Import::new(&app);
    let email = app.home().await.owner.email.clone();
    let done = import
        .run(format!(
            "external_id,name,status,tax_id,segment,package,city,country,csm_email,customer_since,\
             churned_on,churn_reason,subscription_starts_on,subscription_ends_on,\
             subscription_amount,subscription_interval,colour\n\
             1,Alfa,active,11.222.333/0001-81,Industry,Pro,Recife,Brasil,{email},2024-02-01,,,\
             2024-02-01,2027-01-31,1234.50,year,blue\n\
             2,Beta,churned,,Industry,,,,,,2025-12-31,too dear,,,,,\n"
        ))
        .await;
    done.assert(2, 0, 0, 0);
    assert_eq!(done.warnings, ["the column `colour` is not known and is left out"]);
    let accounts = import.accounts().await;
    let industry = json!({ "key": "industry", "label": "Industry" });
    assert_eq!(
        accounts[0],
        json!({
            "name": "Alfa", "status": "ACTIVE", "taxId": "11222333000181", "city": "Recife",
            "country": "BR", "customerSince": "2024-02-01", "churnedOn": null,
            "churnReason": null, "marketSegment": industry, "package": { "label": "Pro" },
            "csm": { "email": email },
            "subscriptions": { "nodes": [{
                "name": "Pro", "startsOn": "2024-02-01", "endsOn": "2027-01-31",
                "interval": "YEAR", "amount": { "amountMinor": 123_450, "currency": "BRL" },
            }] },
        })
    );
    let beta = &accounts[1];
    assert_eq!((&beta["status"], &beta["churnedOn"]), (&json!("CHURNED"), &json!("2025-12-31")));
    assert_eq!((&beta["churnReason"], &beta["marketSegment"]), (&json!("too dear"), &industry));
}

/// Two accounts with everything that can change.
const TWO: &str = "id,name,segment,package,subscription_starts_on,subscription_amount\n\
                   1,Alfa,Industry,Pro,2024-01-01,100\n2,Beta,Retail,Pro,2024-01-01,200\n";

async fn importing_a_file_again_changes_nothing(app: TestApp) {
    let import = Import::new(&app);
    import.run(TWO).await.assert(2, 0, 0, 0);
    let (accounts, events) = (import.accounts().await, import.event_count().await);
    import.run(TWO).await.assert(0, 0, 2, 0);
    assert_eq!(import.accounts().await, accounts);
    assert_eq!(import.event_count().await, events + 2, "only that it began and ended");
    // Another system may call other companies so.
    import.run_with(TWO, &["--system", "crm"]).await.assert(2, 0, 0, 0);
}

async fn a_changed_row_changes_only_its_account(app: TestApp) {
    let import = Import::new(&app);
    import.run(TWO).await;
    let before = import.accounts().await;
    let email = app.home().await.owner.email.clone();
    for (old, new, path, value) in [
        ("Beta", "Gama", "/name", json!("Gama")),
        ("Retail", "Services", "/marketSegment/label", json!("Services")),
        ("200\n", "300\n", "/subscriptions/nodes/0/amount/amountMinor", json!(30_000)),
    ] {
        let text = TWO.replace(old, new);
        import.run(&text).await.assert(0, 1, 1, 0);
        let after = import.accounts().await;
        assert_eq!(after[0], before[0]);
        assert_eq!(after[1].pointer(path), Some(&value));
        import.run(TWO).await.assert(0, 1, 1, 0);
    }
    let with_csm = format!("id,name,csm_email\n1,Alfa,\n2,Beta,{email}\n");
    import.run(&with_csm).await.assert(0, 1, 1, 0);
    import.run(&with_csm).await.assert(0, 0, 2, 0);
    assert_eq!(import.accounts().await[1]["csm"]["email"], json!(email));
    // What a file does not name, and an empty cell, say nothing.
    import.run("id,name,segment\n1,Alfa,\n2,Beta,\n").await.assert(0, 0, 2, 0);
}

async fn semicolons_latin_1_and_portuguese_headers_are_recognised(app: TestApp) {
    let import = Import::new(&app);
    let text = "\"C\u{f3}digo\";Raz\u{e3}o social;Situa\u{e7}\u{e3}o;Segmento;Cliente desde;\
                In\u{ed}cio do contrato;Valor\r\n\
                1;Constru\u{e7}\u{e3}o; Ativa ;Ind\u{fa}stria;31/01/2024;01/02/2024;1.234,50\r\n";
    let byte = |c: char| u8::try_from(u32::from(c)).expect("a character of Latin-1");
    let latin_1: Vec<u8> = text.chars().map(byte).collect();
    let done = import.run(latin_1).await;
    done.assert(1, 0, 0, 0);
    let guess = done.warnings.first().map(String::as_str).unwrap_or_default();
    assert!(guess.contains("is read as Windows-1252 (Latin-1)"), "{:?}", done.warnings);
    let utf_8 = format!("\u{feff}{text}");
    let done = import.run(utf_8).await;
    done.assert(0, 0, 1, 0);
    assert!(done.warnings.is_empty(), "{:?}", done.warnings);
    let account = &import.accounts().await[0];
    assert_eq!(account["name"], "Construção");
    assert_eq!(account["marketSegment"], json!({ "key": "industria", "label": "Indústria" }));
    assert_eq!(account["customerSince"], "2024-01-31");
    let amount = &account["subscriptions"]["nodes"][0]["amount"];
    assert_eq!(amount, &json!({ "amountMinor": 123_450, "currency": "BRL" }));
}

async fn rejected_rows_are_told_with_their_reasons_and_the_others_land(app: TestApp) {
    let import = Import::new(&app);
    let text = "id;nome;CNPJ;situação;gestor\n1;Alfa;;;\n2;Beta;11.222.333/0001-82;;\n\
                3;;;talvez;\n4;Delta;;;ninguem@example.com\n5;Eco;;\n6;Fox;;;\n";
    let done = import.run_with(text, &["--locale", "pt-br"]).await;
    done.assert(2, 0, 0, 4);
    assert!(
        done.error.contains("accounts.csv: 4 of 6 rows rejected; the other 2 are imported"),
        "{}",
        done.error
    );
    assert!(!done.error.contains("cannot import"), "{}", done.error);
    assert_eq!(import.names().await, ["Alfa", "Fox"]);
    let rejected = import.rejected();
    let lines: Vec<_> = rejected.lines().collect();
    assert_eq!(lines[0], "\u{feff}id;nome;CNPJ;situação;gestor;rejected_reason");
    let reasons = [
        "2;Beta;11.222.333/0001-82;;;CNPJ: Este CNPJ não é válido. Confira os dígitos.",
        "3;;;talvez;;situação: Esta não é uma das palavras permitidas aqui. Escolha uma delas: \
         trial, active, paused, churned. nome: É preciso informar um valor aqui.",
        "4;Delta;;;ninguem@example.com;gestor: Ninguém no workspace tem este endereço",
        "5;Eco;;;;A linha tem mais ou menos células que a primeira.",
    ];
    for (line, reason) in lines[1..].iter().zip(reasons) {
        assert!(line.starts_with(reason), "{line}");
    }
}

async fn all_that_is_wrong_with_a_row_is_told_at_once(app: TestApp) {
    let import = Import::new(&app);
    let header = "id,name,tax_id,country,time_zone,preferred_channel,csm_email,\
                  subscription_starts_on,subscription_ends_on,subscription_amount,\
                  subscription_currency\n";
    let wrong = "11.222.333/0001-82,BR,Mars/Base,{},nobody@x.example,2024-02-01,2024-01-01,1,ZZZ";
    let text =
        |name: &str, channel: &str| format!("{header}1,{name},{}\n", wrong.replace("{}", channel));
    let fields = [
        "tax_id: ",
        "time_zone: ",
        "csm_email: ",
        "subscription_ends_on: ",
        "subscription_currency: ",
    ];
    import.run(text("Alfa", "")).await.assert(0, 0, 0, 1);
    assert!(fields.iter().all(|field| import.rejected().contains(field)), "{}", import.rejected());
    // Also where not everything can be read, and where the account is there already.
    import.run(text("Alfa", "pigeon")).await.assert(0, 0, 0, 1);
    let rejected = import.rejected();
    assert!(rejected.contains("preferred_channel: "), "{rejected}");
    assert!(fields.iter().all(|field| rejected.contains(field)), "{rejected}");
    import.run("id,name\n1,Alfa\n").await.assert(1, 0, 0, 0);
    import.run(text("\"A\nB\"", "")).await.assert(0, 0, 0, 1);
    let rejected = import.rejected();
    assert!(rejected.contains("name: This must be one line"), "{rejected}");
    assert!(fields.iter().all(|field| rejected.contains(field)), "{rejected}");
}

async fn mending_the_rejected_rows_is_enough(app: TestApp) {
    let import = Import::new(&app);
    import.run("id,name,status\n1,Alfa,\n2,Beta,nonsense\n").await.assert(1, 0, 0, 1);
    let mended = import.rejected().replace("nonsense", "trial");
    import.run(mended).await.assert(1, 0, 0, 0);
    assert_eq!(import.names().await, ["Alfa", "Beta"]);
}

async fn a_row_that_fails_half_way_leaves_nothing_behind(app: TestApp) {
    let import = Import::new(&app);
    let text = "id,name,segment,subscription_amount\n1,Alfa,New,\n2,Beta,Never,100\n3,Gama,New,\n";
    import.run(text).await.assert(2, 0, 0, 1);
    assert!(import.rejected().contains("subscription_starts_on: "), "{}", import.rejected());
    assert_eq!(import.names().await, ["Alfa", "Gama"]);
    let query = "{ optionSetByKey(key: \"market_segment\") { options { nodes { key } } } }";
    let data = app.data(&app.home().await.token, query, json!({})).await;
    let options = &data["optionSetByKey"]["options"]["nodes"];
    assert_eq!(options, &json!([{ "key": "new" }]));
}

async fn the_second_row_of_an_external_id_is_rejected(app: TestApp) {
    let import = Import::new(&app);
    import.run("id,name\n1,Alfa\n2,Beta\n1,Alpha\n").await.assert(2, 0, 0, 1);
    assert!(import.rejected().contains("(line 2)"), "{}", import.rejected());
    assert_eq!(import.names().await, ["Alfa", "Beta"]);
}

async fn a_dry_run_keeps_nothing(app: TestApp) {
    let import = Import::new(&app);
    let done = import.run_with(TWO, &["--dry-run"]).await;
    done.assert(2, 0, 0, 0);
    assert_eq!(done.counts["dry_run"], true);
    assert_eq!(import.names().await, [""; 0]);
    import.run(TWO).await.assert(2, 0, 0, 0);
}

async fn a_status_moves_by_the_verbs_that_people_use(app: TestApp) {
    let import = Import::new(&app);
    let status = |word: &str| format!("id,name,status,churn_reason\n1,Alfa,{word},\n");
    import.run(status("active")).await.assert(1, 0, 0, 0);
    for (word, is) in [("paused", "PAUSED"), ("churned", "CHURNED"), ("active", "ACTIVE")] {
        import.run(status(word)).await.assert(0, 1, 0, 0);
        import.run(status(word)).await.assert(0, 0, 1, 0);
        assert_eq!(import.accounts().await[0]["status"], is);
    }
    import.run(status("trial")).await.assert(0, 0, 0, 1);
}

async fn formulas_stay_text_and_are_harmless_in_the_rejected_rows(app: TestApp) {
    let import = Import::new(&app);
    let text = "id,name,city,status\n1,=1+1,@home,\n2,+55 11,-x,nonsense\n";
    import.run(text).await.assert(1, 0, 0, 1);
    let account = &import.accounts().await[0];
    assert_eq!((&account["name"], &account["city"]), (&json!("=1+1"), &json!("@home")));
    let rejected = import.rejected();
    assert!(rejected.contains("2,'+55 11,'-x,nonsense,"), "{rejected}");
    import.run(rejected.replace("nonsense", "active")).await.assert(1, 0, 0, 0);
    assert_eq!(import.names().await, ["+55 11", "=1+1"]);
}

async fn files_that_cannot_be_used_change_nothing(app: TestApp) {
    let import = Import::new(&app);
    let huge = format!("id,name\n1,Alfa\n2,\"{}\n", "x".repeat(2 * MAX_RECORD_BYTES));
    for (content, why) in [
        ("", "it is empty"),
        ("id,city\n1,Recife\n", "it has no column `name`"),
        ("id,nome,name\n1,a,b\n", "both mean `name`"),
        ("PK\u{3}\u{4}", "it is a spreadsheet"),
        ("i\0d\0,\0n\0a\0m\0e\0", "or UTF-16 without its mark"),
        ("external_id,name\r\n1,\"un\nclosed\n2,x\n", "the quotation mark in line 2 is never"),
        ("id,name\n1,\"un\n2,x\n3,\"y\"\n", "the quotation mark in line 2 is never closed"),
        (&huge, "the record that begins in line 3 has more than 1048576 bytes"),
    ] {
        let done = import.run(content).await;
        assert_eq!(done.code, 2, "{why}");
        assert!(done.error.contains(why), "{}", done.error);
        assert_eq!(done.error.lines().count(), 1, "{}", done.error);
    }
    assert_eq!(import.names().await, [""; 0]);
    import.run("id,name\n").await.assert(0, 0, 0, 0);
}

async fn what_cannot_be_done_is_told_before_anything_is_read(app: TestApp) {
    let import = Import::new(&app);
    let folder = import.path("none");
    let nowhere = folder.join("x.csv").display().to_string();
    let file = import.path("accounts.csv").display().to_string();
    for (option, value, why) in [
        ("--system", "Bad Sys", "--system takes a key of a-z, 0-9, - and _, and not `Bad Sys`"),
        ("--rejects", &nowhere, "none/x.csv, which is in no folder that exists"),
        ("--rejects", &file, "accounts.csv, which is the file they come from"),
    ] {
        let done = import.run_with(TWO, &[option, value]).await;
        assert!(done.code > 0 && done.error.contains(why), "{}", done.error);
    }
    let slug = app.home().await.workspace.slug.clone();
    let folder = import.directory.path().to_str().expect("the path is text");
    let arguments = ["import", "accounts", folder, "--workspace", &slug];
    let done = Done::of(&operator::output(app.database_url(), &arguments));
    assert!(done.code == 2 && done.error.contains("it is a directory"), "{}", done.error);
    assert_eq!(import.names().await, [""; 0]);
}

async fn utf_16_is_read_by_its_mark(app: TestApp) {
    let import = Import::new(&app);
    let text = "\u{feff}id;nome\n1;São João\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    import.run(bytes).await.assert(1, 0, 0, 0);
    assert_eq!(import.names().await, ["São João"]);
}

/// Every column is known, and only the CSM, who is not here, is missed.
async fn the_examples_are_imported_as_they_are(app: TestApp) {
    let import = Import::new(&app);
    let text = include_str!("../../../../examples/data/accounts.csv");
    let email = app.home().await.owner.email.clone();
    let done = import.run(text.replace("ana@example.com", &email)).await;
    done.assert(6, 0, 0, 0);
    assert_eq!(done.warnings, [""; 0]);
    let contacts = include_str!("../../../../examples/data/contacts.csv");
    let interactions = include_str!("../../../../examples/data/interactions.csv");
    for (kind, text, count) in [("contacts", contacts, 3), ("interactions", interactions, 2)] {
        let done = import.run_kind(kind, text, &[]).await;
        done.assert(count, 0, 0, 0);
        assert_eq!(done.warnings, [""; 0]);
    }
    let mapping = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/mapping.toml");
    let text = "Company ID,Company,Lifecycle,Owner,Internal notes\nX1,Mapped,em implantação,,x\n";
    let done = import.run_with(text, &["--mapping", mapping]).await;
    done.assert(1, 0, 0, 0);
    assert_eq!(done.warnings, [""; 0]);
}
