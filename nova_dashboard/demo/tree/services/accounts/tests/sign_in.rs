//! Signing in against a throw-away database.

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "@@secret:accounts-test@@";

#[tokio::test]
async fn a_person_signs_in_with_the_right_password() {
    let accounts = accounts::testing::with_person(EMAIL, PASSWORD).await;
    assert!(accounts.sign_in(EMAIL, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let accounts = accounts::testing::with_person(EMAIL, PASSWORD).await;
    assert!(accounts.sign_in(EMAIL, "wrong").await.is_err());
}
