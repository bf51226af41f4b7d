# Checks Debian's google-api-client with its own classes of Cloud Redis. Prints a line of facts.
#
# Argument: URL

require "google/apis/redis_v1"
require "google/apis/version"
require "json"

Redis = Google::Apis::RedisV1
PARENT = "projects/p/locations/l".freeze
TOO_LARGE = 500
ENDLESS = 200

def expect(condition, found)
  raise "unexpected: #{found.inspect}" unless condition
end

def create(service, id, size)
  instance = Redis::Instance.new(tier: "BASIC", memory_size_gb: size)
  service.create_project_location_instance(PARENT, instance, instance_id: id)
end

# Polls an operation until the block accepts it, and returns it. The library has no method for this.
def poll(service, name, &accepts)
  loop do
    operation = service.get_project_location_operation(name)
    return operation if accepts.call(operation)
    sleep 0.05
  end
end

# Returns the error with which the block fails.
def refused
  answer = yield
rescue Google::Apis::ClientError => error
  error
else
  raise "expected an error, got #{answer.inspect}"
end

service = Redis::CloudRedisService.new
service.root_url = "#{ARGV.fetch(0)}/"
calls = []

made = poll(service, create(service, "a", 1).name, &:done)
name = made.response["name"]
expect(name == "#{PARENT}/instances/a" && made.metadata["target"] == name, made)
calls.push("start", "get", "result")

change = Redis::Instance.new(memory_size_gb: 3, labels: { "env" => "prod" })
update = service.patch_project_location_instance(name, change, update_mask: "memory_size_gb,labels")
updated = poll(service, update.name, &:done).response
expect(updated.values_at("memorySizeGb", "tier", "labels") == [3, "BASIC", { "env" => "prod" }], updated)
calls.push("update")

listed = service.list_project_location_operations(PARENT).operations.map(&:name)
expect(listed.include?(made.name), listed)
calls.push("list")

gone = refused { service.get_project_location_instance("#{PARENT}/instances/none") }
failed = poll(service, create(service, "large", TOO_LARGE).name, &:done).error
expect(gone.status_code == 404 && failed.code == 8, [gone, failed])

endless = create(service, "endless", ENDLESS).name
seen = poll(service, endless) { |operation| operation.metadata["statusDetail"] }
expect(seen.metadata["statusDetail"] == "allocating memory" && !seen.done, seen)
service.cancel_project_location_operation(endless)
cancelled = poll(service, endless, &:done)
expect(cancelled.error.code == 1 && cancelled.metadata["cancelRequested"], cancelled)
calls.push("cancel")

service.delete_project_location_operation(made.name)
expect(refused { service.get_project_location_operation(made.name) }.status_code == 404, made.name)
calls.push("delete")

puts JSON.generate(
  client: "google-api-client (Ruby)",
  version: Google::Apis::VERSION,
  transport: "REST",
  calls: calls,
  progress: "`metadata[\"statusDetail\"]`",
  errors: "call: `#{gone.class.name.split("::").last}` #{gone.status_code}; operation: `error.code` #{failed.code}",
  cancellation: "`error.code` #{cancelled.error.code}"
)
