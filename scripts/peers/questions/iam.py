"""Identities, policies and what they enforce."""

from world import question, refusal

API = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
STS = "https://docs.aws.amazon.com/STS/latest/APIReference/"


@question("A wrong secret key", "SignatureDoesNotMatch 403", f"{API}CommonErrors.html")
def wrong_secret(aws):
    keys = {**aws.user(), "SecretAccessKey": "x" * 40}
    return refusal(aws.client("iam", keys).list_users)


@question("An access key that nobody has", "InvalidClientTokenId 403", f"{API}CommonErrors.html")
def unknown_key(aws):
    keys = {"AccessKeyId": "AKIAZZZZZZZZZZZZZZZZ", "SecretAccessKey": "x" * 40}
    return refusal(aws.client("sts", keys).get_caller_identity)


@question("A deactivated access key", "InvalidClientTokenId 403", f"{GUIDE}id_credentials_access-keys.html")
def inactive_key(aws):
    keys = aws.user()
    aws.iam.update_access_key(UserName=keys["UserName"], AccessKeyId=keys["AccessKeyId"], Status="Inactive")
    return refusal(aws.client("sts", keys).get_caller_identity)


@question("GetCallerIdentity of a user", "user/<name>", f"{STS}API_GetCallerIdentity.html")
def caller_identity(aws):
    keys = aws.user()
    arn = aws.client("sts", keys).get_caller_identity()["Arn"]
    return arn.split(":")[5].replace(keys["UserName"], "<name>")


@question("A user without policies lists users", "AccessDenied 403", f"{GUIDE}reference_policies_evaluation-logic.html")
def no_policy(aws):
    return refusal(aws.client("iam", aws.user()).list_users)


@question("A user with the right policy lists users", "ok", f"{GUIDE}reference_policies_evaluation-logic.html")
def allowed(aws):
    return refusal(aws.client("iam", aws.user({"Action": "iam:ListUsers", "Resource": "*"})).list_users)


@question("An explicit deny beside an allow", "AccessDenied 403", f"{GUIDE}reference_policies_evaluation-logic.html")
def explicit_deny(aws):
    keys = aws.user({"Action": "iam:*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"})
    return refusal(aws.client("iam", keys).list_users)


@question("A boundary that does not name the action", "AccessDenied 403", f"{GUIDE}access_policies_boundaries.html")
def boundary(aws):
    keys = aws.user({"Action": "*", "Resource": "*"})
    made = aws.iam.create_policy(PolicyName=aws.name(), PolicyDocument=aws.policy({"Action": "sqs:*", "Resource": "*"}))
    aws.iam.put_user_permissions_boundary(UserName=keys["UserName"], PermissionsBoundary=made["Policy"]["Arn"])
    return refusal(aws.client("iam", keys).list_users)


@question("A condition that the request does not meet", "AccessDenied 403", f"{GUIDE}reference_policies_elements_condition.html")
def condition(aws):
    where = {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}}
    keys = aws.user({"Action": "sqs:ListQueues", "Resource": "*", "Condition": where})
    return refusal(aws.client("sqs", keys).list_queues)


@question("NotAction leaves out what is asked", "AccessDenied 403", f"{GUIDE}reference_policies_elements_notaction.html")
def not_action(aws):
    return refusal(aws.client("iam", aws.user({"NotAction": "iam:*", "Resource": "*"})).list_users)


@question("AssumeRole that the trust policy does not allow", "AccessDenied 403", f"{STS}API_AssumeRole.html")
def assume_untrusted(aws):
    keys = aws.user({"Action": "sts:AssumeRole", "Resource": "*"})
    return refusal(aws.client("sts", keys).assume_role, RoleArn=aws.role()["Arn"], RoleSessionName="peers")


@question("AssumeRole for longer than the role allows", "ValidationError 400", f"{STS}API_AssumeRole.html")
def assume_too_long(aws):
    role = aws.role(principal={"AWS": f"arn:aws:iam::{aws.account}:root"})
    keys = aws.user({"Action": "sts:AssumeRole", "Resource": "*"})
    call = aws.client("sts", keys).assume_role
    return refusal(call, RoleArn=role["Arn"], RoleSessionName="peers", DurationSeconds=7200)


@question("AssumeRole for 899 seconds", "ValidationError 400", f"{STS}API_AssumeRole.html")
def assume_too_short(aws):
    role = aws.role(principal={"AWS": f"arn:aws:iam::{aws.account}:root"})
    return refusal(aws.sts.assume_role, RoleArn=role["Arn"], RoleSessionName="peers", DurationSeconds=899)


@question("A session policy limits the role", "AccessDenied 403", f"{GUIDE}access_policies.html#policies_session")
def session_policy(aws):
    keys = aws.user({"Action": "sts:AssumeRole", "Resource": "*"})
    trusted = {"AWS": f"arn:aws:iam::{aws.account}:user/{keys['UserName']}"}
    role = aws.role({"Action": "*", "Resource": "*"}, principal=trusted)
    narrow = aws.policy({"Action": "sqs:*", "Resource": "*"})
    got = aws.client("sts", keys).assume_role(RoleArn=role["Arn"], RoleSessionName="peers", Policy=narrow)
    return refusal(aws.client("iam", got["Credentials"]).list_users)


@question("CreateRole with a trust policy that is no JSON", "MalformedPolicyDocument 400", f"{API}API_CreateRole.html")
def malformed_trust(aws):
    return refusal(aws.iam.create_role, RoleName=aws.name(), AssumeRolePolicyDocument="{not json")


@question("CreateRole with a trust policy without a principal", "MalformedPolicyDocument 400", f"{API}API_CreateRole.html")
def trust_without_principal(aws):
    document = aws.policy({"Action": "sts:AssumeRole"})
    return refusal(aws.iam.create_role, RoleName=aws.name(), AssumeRolePolicyDocument=document)


@question("CreatePolicy with an effect that there is not", "MalformedPolicyDocument 400", f"{API}API_CreatePolicy.html")
def unknown_effect(aws):
    document = aws.policy({"Effect": "Permit", "Action": "s3:*", "Resource": "*"})
    return refusal(aws.iam.create_policy, PolicyName=aws.name(), PolicyDocument=document)


@question("GetRole of a role that is not there", "NoSuchEntity 404", f"{API}API_GetRole.html")
def role_absent(aws):
    return refusal(aws.iam.get_role, RoleName=aws.name())


@question("CreateRole of a name that is taken", "EntityAlreadyExists 409", f"{API}API_CreateRole.html")
def role_twice(aws):
    role = aws.role()
    return refusal(aws.iam.create_role, RoleName=role["RoleName"], AssumeRolePolicyDocument=aws.trust())


@question("A role's session length, where none was given", 3600, f"{API}API_CreateRole.html")
def session_default(aws):
    return aws.iam.get_role(RoleName=aws.role()["RoleName"])["Role"].get("MaxSessionDuration")


@question("CreateRole with a session length of 60 s", "ValidationError 400", f"{API}API_CreateRole.html")
def session_too_short(aws):
    call = aws.iam.create_role
    return refusal(call, RoleName=aws.name(), AssumeRolePolicyDocument=aws.trust(), MaxSessionDuration=60)


@question("The form of a role's id", "AROA, 21 characters", f"{GUIDE}reference_identifiers.html")
def role_id(aws):
    made = aws.role()["RoleId"]
    return f"{made[:4]}, {len(made)} characters"


@question("DeleteRole of one with an inline policy", "DeleteConflict 409", f"{API}API_DeleteRole.html")
def delete_role_conflict(aws):
    role = aws.role({"Action": "s3:*", "Resource": "*"})
    return refusal(aws.iam.delete_role, RoleName=role["RoleName"])


@question("DeleteUser of one with an access key", "DeleteConflict 409", f"{API}API_DeleteUser.html")
def delete_user_conflict(aws):
    return refusal(aws.iam.delete_user, UserName=aws.user()["UserName"])


@question("A third access key", "LimitExceeded 409", f"{GUIDE}reference_iam-quotas.html")
def third_key(aws):
    name = aws.user()["UserName"]
    aws.iam.create_access_key(UserName=name)
    return refusal(aws.iam.create_access_key, UserName=name)


@question("A sixth version of a policy", "LimitExceeded 409", f"{GUIDE}reference_iam-quotas.html")
def sixth_version(aws):
    document = aws.policy({"Action": "s3:*", "Resource": "*"})
    arn = aws.iam.create_policy(PolicyName=aws.name(), PolicyDocument=document)["Policy"]["Arn"]
    for _ in range(4):
        aws.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)
    return refusal(aws.iam.create_policy_version, PolicyArn=arn, PolicyDocument=document)


@question("DeletePolicyVersion of the default one", "DeleteConflict 409", f"{API}API_DeletePolicyVersion.html")
def delete_default_version(aws):
    document = aws.policy({"Action": "s3:*", "Resource": "*"})
    arn = aws.iam.create_policy(PolicyName=aws.name(), PolicyDocument=document)["Policy"]["Arn"]
    return refusal(aws.iam.delete_policy_version, PolicyArn=arn, VersionId="v1")


@question("AttachRolePolicy of an AWS policy that there is not", "NoSuchEntity 404", f"{API}API_AttachRolePolicy.html")
def attach_absent(aws):
    call = aws.iam.attach_role_policy
    return refusal(call, RoleName=aws.role()["RoleName"], PolicyArn="arn:aws:iam::aws:policy/NoSuchPolicy")


@question("An inline policy of 11,000 characters", "LimitExceeded 409", f"{GUIDE}reference_iam-quotas.html")
def inline_too_long(aws):
    document = aws.policy({"Action": "s3:*", "Resource": [f"arn:aws:s3:::{'b' * 50}{n:03}" for n in range(180)]})
    call = aws.iam.put_role_policy
    return refusal(call, RoleName=aws.role()["RoleName"], PolicyName="long", PolicyDocument=document)


@question("CreateUser with a space in the name", "ValidationError 400", f"{API}API_CreateUser.html")
def user_name(aws):
    return refusal(aws.iam.create_user, UserName="two words")


@question("ListRoles, one at a time", "truncated, with a marker", f"{API}API_ListRoles.html")
def pages(aws):
    aws.role()
    aws.role()
    page = aws.iam.list_roles(MaxItems=1)
    return f"{'truncated' if page['IsTruncated'] else 'whole'}, {'with' if page.get('Marker') else 'without'} a marker"


@question("SimulatePrincipalPolicy of what no policy says", "implicitDeny", f"{API}API_SimulatePrincipalPolicy.html")
def simulate(aws):
    role = aws.role({"Action": "s3:GetObject", "Resource": "*"})
    answer = aws.iam.simulate_principal_policy(PolicySourceArn=role["Arn"], ActionNames=["s3:PutObject"])
    return answer["EvaluationResults"][0]["EvalDecision"]
