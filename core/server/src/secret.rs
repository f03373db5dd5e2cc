//! The secret of a token: `jor_` and, in base64url, the workspace, the token and 24 random bytes.
//!
//! The ids say where to look; only the random bytes are secret, and only their SHA-256 is kept.
//! They are too many to be guessed, so that a fast digest without salt is enough.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jornada_domain::id::{ApiTokenId, WorkspaceId};
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

const PREFIX: &str = "jor_";
const RANDOM_BYTES: usize = 24;

/// The secret part of a token. It cannot be printed by accident.
pub struct Secret([u8; RANDOM_BYTES]);

impl Secret {
    /// A new secret from the operating system.
    pub fn random() -> anyhow::Result<Self> {
        let mut bytes = [0; RANDOM_BYTES];
        SysRng.try_fill_bytes(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A given secret, for tests that must see the same one on every run.
    pub fn from_bytes(bytes: [u8; RANDOM_BYTES]) -> Self {
        Self(bytes)
    }

    /// What is kept: the SHA-256 in hexadecimal.
    pub fn digest(&self) -> String {
        Sha256::digest(self.0).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether this is the secret that was kept; takes equally long for every wrong one.
    pub fn matches(&self, digest: &str) -> bool {
        self.digest().as_bytes().ct_eq(digest.as_bytes()).into()
    }

    /// The whole token, as it is given out.
    pub fn token(&self, workspace_id: WorkspaceId, token_id: ApiTokenId) -> String {
        let ids = [workspace_id.0.as_bytes(), token_id.0.as_bytes()];
        let bytes = [&ids[0][..], &ids[1][..], &self.0[..]].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A token as it came in.
#[derive(Debug)]
pub struct Presented {
    /// Where to look.
    pub workspace_id: WorkspaceId,
    /// What to look for.
    pub token_id: ApiTokenId,
    /// What to compare.
    pub secret: Secret,
}

impl Presented {
    /// Takes a token apart; `None` when it has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (workspace_id, rest) = bytes.split_first_chunk()?;
        let (token_id, secret) = rest.split_first_chunk()?;
        Some(Self {
            workspace_id: Uuid::from_bytes(*workspace_id).into(),
            token_id: Uuid::from_bytes(*token_id).into(),
            secret: Secret(secret.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_apart_as_it_was_put_together() {
        let (workspace_id, token_id) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let secret = Secret::from_bytes([7; RANDOM_BYTES]);
        let text = secret.token(workspace_id, token_id);
        let presented = Presented::parse(&text).expect("it is a token");
        assert_eq!(presented.workspace_id, workspace_id);
        assert_eq!(presented.token_id, token_id);
        assert!(presented.secret.matches(&secret.digest()));
        assert!(!Secret::from_bytes([8; RANDOM_BYTES]).matches(&secret.digest()));
    }

    #[test]
    fn anything_else_is_no_token() {
        let whole =
            Secret::from_bytes([0; RANDOM_BYTES]).token(Uuid::nil().into(), Uuid::nil().into());
        let short = &whole[..whole.len() - 4];
        for text in ["", "jor_", "jor_????", "Bearer", short, &format!("{whole}AAAA")] {
            assert!(Presented::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::from_bytes([7; RANDOM_BYTES])), "Secret(…)");
    }
}
