"""EC2's networks, and log groups."""

from world import question, refusal

EC2 = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"
VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/"
ERRORS = f"{EC2}errors-overview.html"
LOGS = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"


def vpc(aws):
    return aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


def subnet(aws, of):
    return aws.ec2.create_subnet(VpcId=of, CidrBlock="10.0.1.0/24")["Subnet"]


@question("DescribeVpcs of one that is not there", "InvalidVpcID.NotFound 400", ERRORS)
def vpc_absent(aws):
    return refusal(aws.ec2.describe_vpcs, VpcIds=["vpc-0123456789abcdef0"])


@question("CreateVpc with a /8", "InvalidVpc.Range 400", ERRORS)
def vpc_range(aws):
    return refusal(aws.ec2.create_vpc, CidrBlock="10.0.0.0/8")


@question("CreateVpc as a dry run", "DryRunOperation 412", f"{EC2}CommonParameters.html")
def dry_run(aws):
    return refusal(aws.ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True)


@question("Addresses of a /24", 251, f"{VPC}subnet-sizing.html")
def addresses(aws):
    return subnet(aws, vpc(aws))["AvailableIpAddressCount"]


@question("A subnet that overlaps another", "InvalidSubnet.Conflict 400", ERRORS)
def subnet_conflict(aws):
    of = vpc(aws)
    subnet(aws, of)
    return refusal(aws.ec2.create_subnet, VpcId=of, CidrBlock="10.0.1.128/25")


@question("A subnet outside of its VPC", "InvalidSubnet.Range 400", ERRORS)
def subnet_range(aws):
    return refusal(aws.ec2.create_subnet, VpcId=vpc(aws), CidrBlock="10.9.1.0/24")


@question("DeleteVpc with a subnet", "DependencyViolation 400", ERRORS)
def dependency(aws):
    of = vpc(aws)
    subnet(aws, of)
    return refusal(aws.ec2.delete_vpc, VpcId=of)


@question("Two security groups of one name", "InvalidGroup.Duplicate 400", ERRORS)
def group_twice(aws):
    wanted = {"VpcId": vpc(aws), "GroupName": "one", "Description": "x"}
    aws.ec2.create_security_group(**wanted)
    return refusal(aws.ec2.create_security_group, **wanted)


@question("Rules of a new security group", "0 in, 1 out", f"{VPC}security-group-rules.html")
def group_rules(aws):
    made = aws.ec2.create_security_group(VpcId=vpc(aws), GroupName="one", Description="x")["GroupId"]
    got = aws.ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"][0]
    return f"{len(got['IpPermissions'])} in, {len(got['IpPermissionsEgress'])} out"


@question("A rule twice", "InvalidPermission.Duplicate 400", ERRORS)
def rule_twice(aws):
    made = aws.ec2.create_security_group(VpcId=vpc(aws), GroupName="one", Description="x")["GroupId"]
    rule = {"GroupId": made, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}
    aws.ec2.authorize_security_group_ingress(**rule)
    return refusal(aws.ec2.authorize_security_group_ingress, **rule)


@question("DeleteSecurityGroup of the default one", "CannotDelete 400", ERRORS)
def default_group(aws):
    where = [{"Name": "vpc-id", "Values": [vpc(aws)]}]
    group = aws.ec2.describe_security_groups(Filters=where)["SecurityGroups"][0]["GroupId"]
    return refusal(aws.ec2.delete_security_group, GroupId=group)


@question("DescribeVpcs by a filter that there is not", "InvalidParameterValue 400", f"{EC2}API_DescribeVpcs.html")
def unknown_filter(aws):
    return refusal(aws.ec2.describe_vpcs, Filters=[{"Name": "colour", "Values": ["blue"]}])


@question("A gateway attached to two VPCs", "Resource.AlreadyAssociated 400", ERRORS)
def gateway_twice(aws):
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc(aws))
    return refusal(aws.ec2.attach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc(aws))


@question("CreateLogGroup of a name that is taken", "ResourceAlreadyExistsException 400", f"{LOGS}API_CreateLogGroup.html")
def log_group_twice(aws):
    name = aws.name()
    aws.logs.create_log_group(logGroupName=name)
    return refusal(aws.logs.create_log_group, logGroupName=name)


@question("A retention of 2 days", "InvalidParameterException 400", f"{LOGS}API_PutRetentionPolicy.html")
def retention(aws):
    name = aws.name()
    aws.logs.create_log_group(logGroupName=name)
    return refusal(aws.logs.put_retention_policy, logGroupName=name, retentionInDays=2)


@question("PutLogEvents to a group that is not there", "ResourceNotFoundException 400", f"{LOGS}API_PutLogEvents.html")
def logs_absent(aws):
    event = {"timestamp": 1, "message": "x"}
    return refusal(aws.logs.put_log_events, logGroupName=aws.name(), logStreamName="s", logEvents=[event])
