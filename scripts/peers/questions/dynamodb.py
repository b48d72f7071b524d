"""DynamoDB."""

from world import question, refusal

API = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/"


def table(aws):
    name = aws.name("table")
    aws.dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.wait(lambda: aws.dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE")
    return name


@question("PutItem into a table that is not there", "ResourceNotFoundException 400", f"{API}API_PutItem.html")
def absent(aws):
    return refusal(aws.dynamodb.put_item, TableName=aws.name(), Item={"id": {"S": "1"}})


@question("CreateTable of a name that is taken", "ResourceInUseException 400", f"{API}API_CreateTable.html")
def twice(aws):
    name = table(aws)
    keys = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
    return refusal(aws.dynamodb.create_table, TableName=name, BillingMode="PAY_PER_REQUEST", **keys)


@question("PutItem without the key", "ValidationException 400", f"{API}API_PutItem.html")
def no_key(aws):
    return refusal(aws.dynamodb.put_item, TableName=table(aws), Item={"other": {"S": "1"}})


@question("PutItem whose condition fails", "ConditionalCheckFailedException 400", f"{API}API_PutItem.html")
def condition(aws):
    wanted = {"TableName": table(aws), "Item": {"id": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(id)"}
    aws.dynamodb.put_item(**wanted)
    return refusal(aws.dynamodb.put_item, **wanted)


@question("GetItem of what is not there has an Item", False, f"{API}API_GetItem.html")
def no_item(aws):
    return "Item" in aws.dynamodb.get_item(TableName=table(aws), Key={"id": {"S": "1"}})


@question("An item of 500 KB", "ValidationException 400", f"{API}API_PutItem.html")
def too_large(aws):
    return refusal(aws.dynamodb.put_item, TableName=table(aws), Item={"id": {"S": "1"}, "a": {"S": "x" * 500_000}})


@question("A reserved word in an expression", "ValidationException 400", "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html")
def reserved_word(aws):
    call = aws.dynamodb.get_item
    return refusal(call, TableName=table(aws), Key={"id": {"S": "1"}}, ProjectionExpression="status")


@question("A transaction one of whose conditions fails", "TransactionCanceledException 400", f"{API}API_TransactWriteItems.html")
def transaction(aws):
    name = table(aws)
    check = {"ConditionCheck": {"TableName": name, "Key": {"id": {"S": "1"}}, "ConditionExpression": "attribute_exists(id)"}}
    put = {"Put": {"TableName": name, "Item": {"id": {"S": "2"}}}}
    return refusal(aws.dynamodb.transact_write_items, TransactItems=[check, put])


@question("A user may read only items of their own key", "AccessDeniedException 400", "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html")
def leading_keys(aws):
    name = table(aws)
    where = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]}}
    keys = aws.user({"Action": "dynamodb:GetItem", "Resource": "*", "Condition": where})
    return refusal(aws.client("dynamodb", keys).get_item, TableName=name, Key={"id": {"S": "yours"}})
