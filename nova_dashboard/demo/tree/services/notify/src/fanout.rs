//! One event in, one notice per person out.

use std::time::Duration;

use uuid::Uuid;

use crate::cache::Wishes;
use crate::repo::{NewNotice, NoticeRepo};

const CHANNELS: [&str; 3] = ["push", "sms", "mail"];

/// Tells everybody who waits for a parcel. The wish of each person is looked up as we go.
pub async fn tell_all(
    wishes: &Wishes,
    notices: &NoticeRepo,
    people: &[Uuid],
    body: &str,
) -> anyhow::Result<usize> {
    let mut told = 0;
    for person in people {
        let Some(channel) = wishes.channel(*person).await? else { continue };
        if CHANNELS.contains(&channel.as_str()) {
            let notice = NewNotice { account_id: *person, channel, body: body.to_owned() };
            keep(notices, &notice).await?;
            told += 1;
        }
    }
    Ok(told)
}

/// The database may be failing over: three tries, then give up.
async fn keep(notices: &NoticeRepo, notice: &NewNotice) -> anyhow::Result<()> {
    for attempt in 1..=3u64 {
        match notices.insert(notice).await {
            Ok(_) => return Ok(()),
            Err(error) if attempt == 3 => return Err(error.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(100 * attempt)).await,
        }
    }
    Ok(())
}
