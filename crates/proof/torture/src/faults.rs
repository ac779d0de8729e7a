//! What goes wrong, when, and for how long: as chance has it.

use crate::{
    deployment::{Deployment, Ended},
    dice::Dice,
    error::Error,
    load::Progress,
    report::Tally,
};
use std::time::{Duration, Instant};
use testkit::Weather;

/// Without an acknowledged request for so long, with nothing broken but what is being broken, a run has got stuck.
const STUCK: Duration = Duration::from_secs(120);
/// How long to wait for the work that is to be done between two faults.
const IMPATIENCE: Duration = Duration::from_secs(6);
/// How long it stays calm when it does.
const CALM: std::ops::Range<u64> = 2_500..4_500;
const LOOK: Duration = Duration::from_millis(10);

/// Breaks things until enough processes have died.
pub(crate) struct Injector<'a> {
    pub(crate) deployment: &'a mut Deployment,
    pub(crate) dice: Dice,
    pub(crate) progress: Progress,
    pub(crate) tally: &'a mut Tally,
    /// In so many of a hundred cases processes live for some seconds before the next fault, so that consumers, leases
    /// and sequencers get to work between two deaths.
    pub(crate) calm: u64,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    Kill,
    Pause,
    Disturb,
    DiskFull,
    Server,
    ServerDies,
    BrokerDies,
}

impl Injector<'_> {
    /// Works until so many processes were killed, or the time is over and at least one was.
    pub(crate) async fn work(&mut self, kills: u64, longest: Duration) -> Result<(), Error> {
        let until = Instant::now() + longest;
        let mut last = (self.progress.acknowledged(), Instant::now());
        while self.tally.kills() < kills && (Instant::now() < until || self.tally.kills() == 0) {
            self.some_work_done().await?;
            let acknowledged = self.progress.acknowledged();
            if acknowledged > last.0 {
                last = (acknowledged, Instant::now());
            } else if last.1.elapsed() > STUCK {
                let what = format!("see any request acknowledged for {STUCK:?}");
                return Err(Error::at(what, self.deployment.panics().join("\n")));
            }
            match self.next() {
                Fault::Kill => self.kill().await?,
                Fault::Pause => self.pause().await?,
                Fault::Disturb => self.disturb().await?,
                Fault::DiskFull => self.fill_disk().await?,
                Fault::Server => self.fail_server().await?,
                Fault::ServerDies => self.kill_server().await?,
                Fault::BrokerDies => self.kill_broker().await?,
            }
        }
        Ok(())
    }

    fn next(&self) -> Fault {
        let (disk, server) = (self.deployment.disk.is_some(), self.deployment.database.is_some());
        match self.dice.within(0..100) {
            0..10 => Fault::Pause,
            10..30 => Fault::Disturb,
            30..38 if disk => Fault::DiskFull,
            30..46 if server => Fault::Server,
            46..50 if server => Fault::ServerDies,
            50..60 if self.deployment.broker.is_some() => Fault::BrokerDies,
            _ => Fault::Kill,
        }
    }

    /// Waits until a few more requests were acknowledged, and a random moment longer.
    async fn some_work_done(&mut self) -> Result<(), Error> {
        let wanted = self.progress.acknowledged() + self.dice.within(1..25);
        let until = Instant::now() + IMPATIENCE;
        while self.progress.acknowledged() < wanted && Instant::now() < until {
            self.bring_back().await?;
            tokio::time::sleep(LOOK).await;
        }
        if self.dice.chance(self.calm) {
            let until = Instant::now() + self.dice.millis(CALM);
            while Instant::now() < until {
                self.bring_back().await?;
                tokio::time::sleep(LOOK).await;
            }
        }
        tokio::time::sleep(self.dice.millis(0..40)).await;
        Ok(())
    }

    /// Starts again what has ended by itself.
    async fn bring_back(&mut self) -> Result<(), Error> {
        for Ended { name, point, status } in self.deployment.ended()? {
            match point {
                Some(point) => self.tally.died_at(point),
                None => self.tally.ended(name, status),
            }
            tokio::time::sleep(self.dice.millis(0..150)).await;
            self.start(name)?;
        }
        Ok(())
    }

    fn start(&mut self, name: &'static str) -> Result<(), Error> {
        let armed = self.deployment.start(name, Some(&self.dice))?;
        if armed.jumps() {
            self.tally.count("a clock that jumps");
        }
        if armed.is_untidy() {
            self.tally.count("events doubled and out of order");
        }
        Ok(())
    }

    fn somebody(&self) -> &'static str {
        let names = self.deployment.names();
        self.dice.pick(&names).copied().unwrap_or("monolith")
    }

    async fn kill(&mut self) -> Result<(), Error> {
        let name = self.somebody();
        self.deployment.kill(name).await?;
        self.tally.killed(name);
        tokio::time::sleep(self.dice.millis(0..150)).await;
        self.start(name)
    }

    async fn pause(&mut self) -> Result<(), Error> {
        let name = self.somebody();
        self.tally.count("a process stopped for a while");
        self.deployment.signal(name, "STOP").await;
        tokio::time::sleep(self.dice.millis(50..1_500)).await;
        self.deployment.signal(name, "CONT").await;
        Ok(())
    }

    async fn disturb(&mut self) -> Result<(), Error> {
        let kinds = [
            ("a slow peer", Weather::Slow(self.dice.millis(5..120))),
            ("a half-open peer", Weather::Silent),
            ("answers that get lost", Weather::AnswersLost),
            ("connections refused", Weather::Refusing),
            ("connections cut", Weather::Clear),
        ];
        let time = self.dice.millis(50..1_500);
        let wires = self.deployment.wires();
        let (Some((place, wire)), Some((kind, weather))) = (self.dice.pick(&wires), self.dice.pick(&kinds))
        else {
            return Ok(());
        };
        self.tally.count(kind);
        self.tally.disturbed(place);
        if *weather == Weather::Clear {
            wire.cut();
            return Ok(());
        }
        wire.turn(*weather);
        tokio::time::sleep(time).await;
        // What was held back never arrives, as often as it arrives late.
        if self.dice.chance(50) {
            wire.cut();
        }
        wire.turn(Weather::Clear);
        Ok(())
    }

    async fn fill_disk(&mut self) -> Result<(), Error> {
        let ids = self.deployment.ids();
        let Some(disk) = &self.deployment.disk else {
            return Ok(());
        };
        self.tally.count("a full disk");
        disk.fill(&ids).await?;
        tokio::time::sleep(self.dice.millis(50..800)).await;
        // A process may die while nothing can be written.
        if self.dice.chance(30) {
            let name = self.somebody();
            self.deployment.kill(name).await?;
            self.tally.killed(name);
            self.free_disk().await?;
            return self.start(name);
        }
        self.free_disk().await
    }

    async fn free_disk(&mut self) -> Result<(), Error> {
        let ids = self.deployment.ids();
        match &self.deployment.disk {
            Some(disk) => disk.free(&ids).await,
            None => Ok(()),
        }
    }

    async fn fail_server(&mut self) -> Result<(), Error> {
        let Some(database) = &self.deployment.database else {
            return Ok(());
        };
        let kind = database.fail(&self.dice).await?;
        self.tally.count(&format!("MongoDB: {kind}"));
        tokio::time::sleep(self.dice.millis(50..500)).await;
        Ok(())
    }

    async fn kill_server(&mut self) -> Result<(), Error> {
        let Some(database) = &self.deployment.database else {
            return Ok(());
        };
        if database.kill_server(self.dice.millis(0..500)).await? {
            self.tally.count("MongoDB: kill -9");
        }
        Ok(())
    }

    async fn kill_broker(&mut self) -> Result<(), Error> {
        let away = self.dice.millis(0..1_000);
        if let Some(broker) = &mut self.deployment.broker {
            broker.kill(away).await?;
            self.tally.count("RabbitMQ: kill -9");
        }
        Ok(())
    }

    /// Mends everything: wires, disk, server; every process is killed once more, which does not count, and starts with
    /// nothing armed.
    pub(crate) async fn heal(&mut self) -> Result<(), Error> {
        for (_, wire) in self.deployment.wires() {
            wire.turn(Weather::Clear);
            wire.cut();
        }
        if let Some(database) = &self.deployment.database {
            database.heal().await?;
        }
        for name in self.deployment.names() {
            self.deployment.signal(name, "CONT").await;
            self.deployment.kill(name).await?;
        }
        self.free_disk().await?;
        if let Some(database) = &self.deployment.database {
            self.tally.restarted(database.restarts());
        }
        for name in self.deployment.names() {
            self.deployment.start(name, None)?;
        }
        self.deployment.ready().await
    }
}
