//! New words for the vault: drawn for whoever has the old ones or the password, and put in their place only
//! when somebody has them on paper.
//!
//! Nothing is kept of them here. Start at [`Supervisor::draw_words`].

use calls::{Answer, Fault, FaultCode, Secret, SecretText};
use seal::Words;
use vault::Secrets;

use crate::config::KeyKind;
use crate::show;
use crate::supervisor::Supervisor;

impl Supervisor {
    /// New words, which open nothing yet.
    pub(crate) fn draw_words(&self, secret: &Secret) -> Result<Answer, Fault> {
        self.words_may_change()?;
        let vault = self.keeper.vault()?;
        let keys = vault.held_keys();
        match secret {
            Secret::Words(words) => keys.accepts(Secrets::Words(&read(words.reveal())?)),
            Secret::Password(password) => {
                keys.accepts(Secrets::Password(password.reveal().as_bytes()))
            }
        }
        .map_err(|error| show::fault(&error))?;
        let words = Words::generate(&*self.setup.env.rng);
        let words = SecretText::from(words.phrase().as_str().to_owned());
        Ok(Answer::Words { vault: vault.id().to_string(), words })
    }

    /// From now on these open the vault, and no others.
    pub(crate) fn put_words(&self, text: &str) -> Result<Answer, Fault> {
        self.words_may_change()?;
        let words = read(text)?;
        self.keeper.vault()?.put_words(&words).map_err(|error| show::fault(&error))?;
        tracing::info!("the vault has new words");
        Ok(Answer::Done {})
    }

    /// A box that opens itself with the words would stand locked after its next start.
    fn words_may_change(&self) -> Result<(), Fault> {
        self.must_be_told()?;
        let unlock = self.setup.config.unlock.as_ref();
        if unlock.is_none_or(|unlock| unlock.kind != KeyKind::Words) {
            return Ok(());
        }
        let sentence = "The box opens itself with the words, from a file.";
        let advice = "Give it a password in that file, or remove `[unlock]` from its settings, and \
                      start it anew; then ask again.";
        Err(Fault::new(FaultCode::WrongState, sentence, advice))
    }
}

fn read(text: &str) -> Result<Words, Fault> {
    Words::parse(text)
        .map_err(|error| Fault::new(FaultCode::WrongSecret, error.to_string(), error.advice()))
}
