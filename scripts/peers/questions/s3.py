"""Buckets and objects."""

import hashlib
import json
import urllib.error
import urllib.request

from world import question, refusal

API = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"


@question("GetObject of a key that is not there", "NoSuchKey 404", f"{API}API_GetObject.html")
def no_key(aws):
    return refusal(aws.s3.get_object, Bucket=aws.bucket(), Key="nothing")


@question("HeadObject of a key that is not there", "404 404", f"{API}API_HeadObject.html")
def no_head(aws):
    return refusal(aws.s3.head_object, Bucket=aws.bucket(), Key="nothing")


@question("CreateBucket again, by its owner, in us-east-1", "ok", f"{API}API_CreateBucket.html")
def bucket_twice(aws):
    return refusal(aws.s3.create_bucket, Bucket=aws.bucket())


@question("CreateBucket with a dot beside a hyphen's name: an address", "InvalidBucketName 400", f"{GUIDE}bucketnamingrules.html")
def bucket_name(aws):
    return refusal(aws.s3.create_bucket, Bucket="192.168.5.4")


@question("DeleteBucket with an object in it", "BucketNotEmpty 409", f"{API}API_DeleteBucket.html")
def not_empty(aws):
    bucket = aws.bucket()
    aws.s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    return refusal(aws.s3.delete_bucket, Bucket=bucket)


@question("GetBucketPolicy where there is none", "NoSuchBucketPolicy 404", f"{API}API_GetBucketPolicy.html")
def no_policy(aws):
    return refusal(aws.s3.get_bucket_policy, Bucket=aws.bucket())


@question("Public access of a new bucket", "all blocked", f"{GUIDE}access-control-block-public-access.html")
def public_access(aws):
    got = aws.s3.get_public_access_block(Bucket=aws.bucket())["PublicAccessBlockConfiguration"]
    return "all blocked" if list(got.values()) == [True] * 4 else got


@question("Who owns objects of a new bucket", "BucketOwnerEnforced", f"{GUIDE}about-object-ownership.html")
def ownership(aws):
    got = aws.s3.get_bucket_ownership_controls(Bucket=aws.bucket())
    return got["OwnershipControls"]["Rules"][0]["ObjectOwnership"]


@question("PutBucketAcl where ACLs are off", "AccessControlListNotSupported 400", f"{GUIDE}about-object-ownership.html")
def acl_off(aws):
    return refusal(aws.s3.put_bucket_acl, Bucket=aws.bucket(), ACL="public-read")


@question("Encryption of a new bucket", "AES256", f"{GUIDE}default-encryption-faq.html")
def encryption(aws):
    got = aws.s3.get_bucket_encryption(Bucket=aws.bucket())["ServerSideEncryptionConfiguration"]
    return got["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]


@question("PutObject tells how it was encrypted", "AES256", f"{API}API_PutObject.html")
def put_encryption(aws):
    return aws.s3.put_object(Bucket=aws.bucket(), Key="a", Body=b"a").get("ServerSideEncryption")


@question("GetBucketLifecycleConfiguration where there is none", "NoSuchLifecycleConfiguration 404", f"{API}API_GetBucketLifecycleConfiguration.html")
def no_lifecycle(aws):
    return refusal(aws.s3.get_bucket_lifecycle_configuration, Bucket=aws.bucket())


@question("GetBucketCors where there is none", "NoSuchCORSConfiguration 404", f"{API}API_GetBucketCors.html")
def no_cors(aws):
    return refusal(aws.s3.get_bucket_cors, Bucket=aws.bucket())


@question("GetBucketTagging where there are none", "NoSuchTagSet 404", f"{API}API_GetBucketTagging.html")
def no_tags(aws):
    return refusal(aws.s3.get_bucket_tagging, Bucket=aws.bucket())


@question("The ETag of an object put at once", True, f"{API}API_Object.html")
def etag(aws):
    made = aws.s3.put_object(Bucket=aws.bucket(), Key="a", Body=b"hello")["ETag"]
    return made == f'"{hashlib.md5(b"hello").hexdigest()}"'


@question("A wrong Content-MD5", "BadDigest 400", f"{API}ErrorResponses.html")
def bad_digest(aws):
    call = aws.s3.put_object
    return refusal(call, Bucket=aws.bucket(), Key="a", Body=b"hello", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")


@question("A range behind the end", "InvalidRange 416", f"{API}ErrorResponses.html")
def bad_range(aws):
    bucket = aws.bucket()
    aws.s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    return refusal(aws.s3.get_object, Bucket=bucket, Key="a", Range="bytes=10-20")


@question("PutObject with If-None-Match: * over an object", "PreconditionFailed 412", f"{GUIDE}conditional-writes.html")
def if_none_match(aws):
    bucket = aws.bucket()
    aws.s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    return refusal(aws.s3.put_object, Bucket=bucket, Key="a", Body=b"again", IfNoneMatch="*")


@question("GetObject with If-Match of another ETag", "PreconditionFailed 412", f"{API}API_GetObject.html")
def if_match(aws):
    bucket = aws.bucket()
    aws.s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    return refusal(aws.s3.get_object, Bucket=bucket, Key="a", IfMatch='"0"')


@question("ListObjectsV2, one key at a time", "1 key, truncated, with a token", f"{API}API_ListObjectsV2.html")
def pages(aws):
    bucket = aws.bucket()
    for key in "ab":
        aws.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    page = aws.s3.list_objects_v2(Bucket=bucket, MaxKeys=1)
    words = ["truncated" if page["IsTruncated"] else "whole", "with a token" if page.get("NextContinuationToken") else "no token"]
    return ", ".join([f"{page['KeyCount']} key", *words])


@question("ListObjectsV2 with a delimiter", ["a/", "b/"], f"{API}API_ListObjectsV2.html")
def delimiter(aws):
    bucket = aws.bucket()
    for key in ("a/1", "a/2", "b/1"):
        aws.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    return [each["Prefix"] for each in aws.s3.list_objects_v2(Bucket=bucket, Delimiter="/")["CommonPrefixes"]]


def public(bucket):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@question("A public bucket policy under Block Public Access", "AccessDenied 403", f"{GUIDE}access-control-block-public-access.html")
def blocked_policy(aws):
    bucket = aws.bucket()
    return refusal(aws.s3.put_bucket_policy, Bucket=bucket, Policy=public(bucket))


@question("A bucket policy about another bucket", "MalformedPolicy 400", f"{API}API_PutBucketPolicy.html")
def foreign_policy(aws):
    return refusal(aws.s3.put_bucket_policy, Bucket=aws.bucket(), Policy=public("another-bucket").replace('"*"', '{"AWS":"' + aws.account + '"}', 1))


@question("Anybody reads an object of a private bucket", 403, f"{GUIDE}access-management.html")
def anonymous(aws):
    bucket = aws.bucket()
    aws.s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    try:
        return urllib.request.urlopen(f"{aws.endpoint}/{bucket}/a", timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


@question("A bucket policy denies its own account's administrator", "AccessDenied 403", f"{GUIDE}example-bucket-policies.html")
def denied_by_bucket(aws):
    bucket = aws.bucket()
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    aws.s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    return refusal(aws.s3.get_object, Bucket=bucket, Key="a")


@question("CompleteMultipartUpload with a small part before the last", "EntityTooSmall 400", f"{API}API_CompleteMultipartUpload.html")
def small_part(aws):
    bucket = aws.bucket()
    upload = {"Bucket": bucket, "Key": "a", "UploadId": aws.s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]}
    parts = [{"PartNumber": n, "ETag": aws.s3.upload_part(**upload, PartNumber=n, Body=b"x")["ETag"]} for n in (1, 2)]
    return refusal(aws.s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts})


@question("UploadPart to an upload that is not there", "NoSuchUpload 404", f"{API}API_UploadPart.html")
def no_upload(aws):
    return refusal(aws.s3.upload_part, Bucket=aws.bucket(), Key="a", UploadId="nothing", PartNumber=1, Body=b"x")


@question("DeleteObject of a key that is not there", "ok", f"{API}API_DeleteObject.html")
def delete_nothing(aws):
    return refusal(aws.s3.delete_object, Bucket=aws.bucket(), Key="nothing")


@question("DeleteObject in a versioned bucket makes a marker", True, f"{GUIDE}DeleteMarker.html")
def delete_marker(aws):
    bucket = aws.bucket()
    aws.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    aws.s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    return aws.s3.delete_object(Bucket=bucket, Key="a").get("DeleteMarker")


@question("An upload tells a queue, and names the key", "ObjectCreated:Put a+key", f"{GUIDE}notification-content-structure.html")
def event(aws):
    bucket = aws.bucket()
    url, arn = aws.queue()
    statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})})
    wanted = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    aws.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)
    aws.s3.put_object(Bucket=bucket, Key="a key", Body=b"x")
    for _ in range(3):
        body = json.loads(aws.arrives(url) or "{}")
        if "Records" in body:
            record = body["Records"][0]
            return f"{record['eventName']} {record['s3']['object']['key']}"
    return None


@question("A notification to a queue that does not let S3 send", "InvalidArgument 400", f"{API}API_PutBucketNotificationConfiguration.html")
def event_refused(aws):
    wanted = {"QueueConfigurations": [{"QueueArn": aws.queue()[1], "Events": ["s3:ObjectCreated:*"]}]}
    return refusal(aws.s3.put_bucket_notification_configuration, Bucket=aws.bucket(), NotificationConfiguration=wanted)
