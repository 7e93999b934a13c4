//! `entente init`: a data folder with settings, keys, token, roster, memorandum and introduction.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use entente_cooperation::memorandum::Memorandum;
use serde_json::json;

use super::{
    Caller,
    answer::{Answer, Failure},
    memorandum as agreement, peer,
};
use crate::{
    api::token::Token,
    config::{Api, Config, Desk, Door, Log, Peer, clock_warning_s},
    folder::{self, Folder},
    keys::Keys,
    roster::first_roster,
};

/// Set up a node: its data folder with settings, keys, token, roster, memorandum and introduction.
///
/// Nothing that exists is overwritten. The folder holds private keys: keep it on an encrypted disk, and carry
/// keys/identity.key away once the memorandum is signed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente init north --party north --memorandum memorandum --listen 0.0.0.0:7400 --address north.example.org:7400
  entente init north --party north --memorandum memorandum          a node that only dials out
  entente init a --party north --memorandum memorandum --listen 127.0.0.1:7401 --demo

What comes next is printed when it is done.")]
pub struct Init {
    /// The folder to make.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The Party that this node serves, as the memorandum names it.
    #[arg(long, value_name = "ID")]
    party: String,
    /// The folder of the memorandum; it is copied.
    #[arg(long, value_name = "MEMORANDUM", default_value = "memorandum")]
    memorandum: PathBuf,
    /// The address on which the partner is heard; without it this node only dials out.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Under which name the partner reaches us; without it the address of --listen.
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
    /// The organ in whose name commands act; without it the contact point of the Party.
    #[arg(long, value_name = "ORGAN")]
    organ: Option<String>,
    /// Where our own tools reach the node: `socket`, or a loopback address.
    #[arg(long, value_name = "DOOR", default_value = "socket")]
    api: Door,
    /// A demonstration: driven clock, exchanges with demonstrations only, says so everywhere.
    #[arg(long)]
    demo: bool,
    /// A file with the passphrase under which the identity key shall lie.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Init {
    /// Sets the node up.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let memorandum = agreement::read_checked(&self.memorandum)?;
        if let Some(language) = &caller.language {
            let spoken: Vec<String> = memorandum.languages().map(str::to_owned).collect();
            super::known_language(language, &spoken)?;
        }
        let config = self.config(&memorandum, caller)?;
        let folder = Folder::at(&self.folder);
        if folder.is_set_up() {
            return Err(Failure::misused(format!(
                "a node is set up in `{}` already",
                self.folder.display()
            ))
            .hint("choose another folder; nothing was changed"));
        }
        self.write(&folder, &config, &memorandum)?;
        let introduction = peer::introduce::write(&folder, &config, &memorandum, None, None)?;
        Ok(done(&folder, &config, &introduction)
            .demonstration(agreement::notice(&memorandum, config.demo).as_deref()))
    }

    fn config(&self, memorandum: &Memorandum, caller: &Caller) -> Result<Config, Failure> {
        let party = memorandum.parties.get(&self.party).ok_or_else(|| {
            Failure::misused(format!("the memorandum names no Party `{}`", self.party)).hint(
                format!("choose one of: {}", memorandum.head.parties.join(", ")),
            )
        })?;
        let organ = self
            .organ
            .clone()
            .unwrap_or_else(|| party.contact_point.clone());
        if memorandum
            .organs
            .get(&organ)
            .is_none_or(|row| row.party != self.party)
        {
            return Err(
                Failure::misused(format!("`{organ}` is no organ of `{}`", self.party)).hint(
                    format!(
                        "choose one of: {}",
                        organs_of(memorandum, &self.party).join(", ")
                    ),
                ),
            );
        }
        let reachable = |listen: &SocketAddr| !listen.ip().is_unspecified() && listen.port() != 0;
        Ok(Config {
            party: self.party.clone(),
            demo: self.demo,
            peer: Peer {
                listen: self.listen,
                address: self
                    .address
                    .clone()
                    .or_else(|| self.listen.filter(reachable).map(|a| a.to_string())),
                clock_warning_s: clock_warning_s(),
            },
            api: Api { listen: self.api },
            desk: Desk {
                language: caller
                    .language
                    .clone()
                    .unwrap_or_else(|| memorandum.head.authentic[0].clone()),
                officer: "officer_1".to_owned(),
                organ,
            },
            log: Log::default(),
        })
    }

    fn write(
        &self,
        folder: &Folder,
        config: &Config,
        memorandum: &Memorandum,
    ) -> Result<(), Failure> {
        let passphrase = self
            .passphrase_file
            .as_deref()
            .map(peer::passphrase)
            .transpose()?;
        let broken = |e: std::io::Error| {
            Failure::broken(format!("`{}` cannot be written", folder.path().display()))
                .because(&e)
                .hint("check that the folder may be written and that the disk has room")
        };
        folder::create_private(folder.path()).map_err(broken)?;
        folder::create_private(&folder.partners()).map_err(broken)?;
        folder::create_private(&folder.drafts()).map_err(broken)?;
        folder::copy_memorandum(&self.memorandum, &folder.memorandum()).map_err(broken)?;
        Keys::create(folder, passphrase.as_deref())
            .map_err(|e| Failure::broken("the keys were not made").because(&e))?;
        Token::create(&folder.token()).map_err(broken)?;
        let roster = roster_of(memorandum, &config.party);
        folder::write_private(&folder.roster(), roster.as_bytes()).map_err(broken)?;
        // The settings come last: a folder without them is not set up, and a broken start can be repeated elsewhere.
        folder::write_private(&folder.config(), config.to_string().as_bytes()).map_err(broken)
    }
}

fn organs_of<'m>(memorandum: &'m Memorandum, party: &str) -> Vec<&'m str> {
    let ours = |organ: &&entente_cooperation::memorandum::Organ| {
        organ.party == party && !organ.groups.is_empty()
    };
    memorandum
        .organs
        .iter()
        .filter(ours)
        .map(|organ| organ.id.as_str())
        .collect()
}

fn roster_of(memorandum: &Memorandum, party: &str) -> String {
    let organs = organs_of(memorandum, party);
    let functions: Vec<&str> = memorandum.functions.iter().map(|f| f.id.as_str()).collect();
    let lowest = memorandum.steps.iter().next().map(|step| step.id.as_str());
    first_roster(&organs, &functions, lowest)
}

fn done(folder: &Folder, config: &Config, introduction: &std::path::Path) -> Answer {
    let dir = folder.path().display();
    let text = introduction.display().to_string();
    let members = json!({
        "folder": folder.path(), "party": config.party, "demo": config.demo, "introduction": introduction,
    });
    Answer::new(text, members).note(format!(
        "The node of `{}` is set up in {dir}. Next:\n\
         1. carry the file printed here to the partner, and theirs to you\n\
         2. entente peer accept THEIR-FILE --dir {dir}\n\
         3. entente memorandum sign --dir {dir}, then carry the signature to the partner, and theirs to you\n\
         4. entente serve --dir {dir}\n\
         Before service, put real officers into {}.",
        config.party,
        folder.roster().display()
    ))
}
