"""Secrets Manager, Parameter Store and KMS."""

import json

from world import question, refusal

SECRETS = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/"
SSM = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/"
KMS = "https://docs.aws.amazon.com/kms/latest/APIReference/"


def secret(aws):
    return aws.secretsmanager.create_secret(Name=aws.name("secret"), SecretString="one")["ARN"]


@question("GetSecretValue of one that is not there", "ResourceNotFoundException 400", f"{SECRETS}API_GetSecretValue.html")
def secret_absent(aws):
    return refusal(aws.secretsmanager.get_secret_value, SecretId=aws.name())


@question("CreateSecret of a name that is taken", "ResourceExistsException 400", f"{SECRETS}API_CreateSecret.html")
def secret_twice(aws):
    name = aws.name()
    aws.secretsmanager.create_secret(Name=name, SecretString="one")
    return refusal(aws.secretsmanager.create_secret, Name=name, SecretString="two")


@question("What follows the name in a secret's ARN", 7, f"{SECRETS}API_CreateSecret.html")
def secret_suffix(aws):
    name = aws.name()
    return len(aws.secretsmanager.create_secret(Name=name, SecretString="x")["ARN"].split(name)[1])


@question("GetSecretValue of one that is to be deleted", "InvalidRequestException 400", f"{SECRETS}API_DeleteSecret.html")
def secret_deleted(aws):
    arn = secret(aws)
    aws.secretsmanager.delete_secret(SecretId=arn)
    return refusal(aws.secretsmanager.get_secret_value, SecretId=arn)


@question("DeleteSecret with a window of 5 days", "InvalidParameterException 400", f"{SECRETS}API_DeleteSecret.html")
def secret_window(aws):
    return refusal(aws.secretsmanager.delete_secret, SecretId=secret(aws), RecoveryWindowInDays=5)


@question("After PutSecretValue the old value is", "one", f"{SECRETS}API_PutSecretValue.html")
def secret_previous(aws):
    arn = secret(aws)
    aws.secretsmanager.put_secret_value(SecretId=arn, SecretString="two")
    return aws.secretsmanager.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")["SecretString"]


@question("RotateSecret without a function", "InvalidRequestException 400", f"{SECRETS}API_RotateSecret.html")
def secret_rotation(aws):
    return refusal(aws.secretsmanager.rotate_secret, SecretId=secret(aws))


@question("PutSecretValue of another value with a token that was used", "ResourceExistsException 400", f"{SECRETS}API_PutSecretValue.html")
def secret_token(aws):
    arn = secret(aws)
    token = "0" * 32
    aws.secretsmanager.put_secret_value(SecretId=arn, SecretString="two", ClientRequestToken=token)
    return refusal(aws.secretsmanager.put_secret_value, SecretId=arn, SecretString="three", ClientRequestToken=token)


@question("The length of a random password", 32, f"{SECRETS}API_GetRandomPassword.html")
def secret_password(aws):
    return len(aws.secretsmanager.get_random_password()["RandomPassword"])


@question("A public secret policy, where such are to be blocked", "PublicPolicyException 400", f"{SECRETS}API_PutResourcePolicy.html")
def secret_public(aws):
    document = aws.policy({"Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"})
    return refusal(aws.secretsmanager.put_resource_policy, SecretId=secret(aws), ResourcePolicy=document, BlockPublicPolicy=True)


@question("GetParameter of one that is not there", "ParameterNotFound 400", f"{SSM}API_GetParameter.html")
def parameter_absent(aws):
    return refusal(aws.ssm.get_parameter, Name=aws.name("/p"))


@question("PutParameter over one, without Overwrite", "ParameterAlreadyExists 400", f"{SSM}API_PutParameter.html")
def parameter_twice(aws):
    name = aws.name("/p")
    aws.ssm.put_parameter(Name=name, Value="x", Type="String")
    return refusal(aws.ssm.put_parameter, Name=name, Value="y", Type="String")


@question("The version after an overwrite", 2, f"{SSM}API_PutParameter.html")
def parameter_version(aws):
    name = aws.name("/p")
    aws.ssm.put_parameter(Name=name, Value="x", Type="String")
    return aws.ssm.put_parameter(Name=name, Value="y", Overwrite=True)["Version"]


@question("A SecureString read without decryption", "not the text", f"{SSM}API_GetParameter.html")
def parameter_encrypted(aws):
    name = aws.name("/p")
    aws.ssm.put_parameter(Name=name, Value="the text", Type="SecureString")
    return "the text" if "the text" in aws.ssm.get_parameter(Name=name)["Parameter"]["Value"] else "not the text"


@question("A standard parameter of 5,000 characters", "ValidationException 400", f"{SSM}API_PutParameter.html")
def parameter_too_long(aws):
    return refusal(aws.ssm.put_parameter, Name=aws.name("/p"), Value="x" * 5000, Type="String")


@question("GetParameters tells what is not there", "1 found, 1 invalid", f"{SSM}API_GetParameters.html")
def parameters(aws):
    name = aws.name("/p")
    aws.ssm.put_parameter(Name=name, Value="x", Type="String")
    got = aws.ssm.get_parameters(Names=[name, "/nothing-here"])
    return f"{len(got['Parameters'])} found, {len(got['InvalidParameters'])} invalid"


def key(aws, **more):
    return aws.kms.create_key(**more)["KeyMetadata"]["KeyId"]


@question("Decrypt of noise", "InvalidCiphertextException 400", f"{KMS}API_Decrypt.html")
def decrypt_noise(aws):
    return refusal(aws.kms.decrypt, CiphertextBlob=b"noise" * 20)


@question("Decrypt with another encryption context", "InvalidCiphertextException 400", f"{KMS}API_Decrypt.html")
def decrypt_context(aws):
    blob = aws.kms.encrypt(KeyId=key(aws), Plaintext=b"x", EncryptionContext={"a": "1"})["CiphertextBlob"]
    return refusal(aws.kms.decrypt, CiphertextBlob=blob, EncryptionContext={"a": "2"})


@question("Encrypt with a disabled key", "DisabledException 400", f"{KMS}API_Encrypt.html")
def disabled(aws):
    made = key(aws)
    aws.kms.disable_key(KeyId=made)
    return refusal(aws.kms.encrypt, KeyId=made, Plaintext=b"x")


@question("Encrypt with a key that is to be deleted", "KMSInvalidStateException 400", "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html")
def pending(aws):
    made = key(aws)
    aws.kms.schedule_key_deletion(KeyId=made)
    return refusal(aws.kms.encrypt, KeyId=made, Plaintext=b"x")


@question("ScheduleKeyDeletion in 5 days", "ValidationException 400", f"{KMS}API_ScheduleKeyDeletion.html")
def window(aws):
    return refusal(aws.kms.schedule_key_deletion, KeyId=key(aws), PendingWindowInDays=5)


@question("Encrypt of 5,000 bytes", "ValidationException 400", f"{KMS}API_Encrypt.html")
def too_long(aws):
    return refusal(aws.kms.encrypt, KeyId=key(aws), Plaintext=b"x" * 5000)


@question("A key that is not there", "NotFoundException 400", f"{KMS}API_DescribeKey.html")
def key_absent(aws):
    return refusal(aws.kms.describe_key, KeyId="11111111-2222-3333-4444-555555555555")


@question("Rotation of a new key", False, f"{KMS}API_GetKeyRotationStatus.html")
def rotation(aws):
    return aws.kms.get_key_rotation_status(KeyId=key(aws))["KeyRotationEnabled"]


@question("A key policy shuts out a user whom IAM allows", "AccessDeniedException 400", f"{KMS}CommonErrors.html")
def key_policy(aws):
    made = key(aws)
    keys = aws.user({"Action": "kms:*", "Resource": "*"})
    # Everybody administers, nobody encrypts.
    document = aws.policy({"Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"}, "Action": ["kms:PutKeyPolicy", "kms:Get*", "kms:Describe*"], "Resource": "*"})
    aws.kms.put_key_policy(KeyId=made, PolicyName="default", Policy=document)
    return refusal(aws.client("kms", keys).encrypt, KeyId=made, Plaintext=b"x")
