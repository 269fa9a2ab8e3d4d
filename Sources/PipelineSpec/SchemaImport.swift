internal import Expressions
internal import Foundation
internal import SourceStage

extension PipelineCompiler {
  private static let largestSchema = 1 << 20
  private static let largestDescriptors = 32 << 20

  /// Reads the file that `schema` of a source names; nil where that is wrong, which is reported.
  func importSchema(_ value: YAMLValue) -> ImportedSchema? {
    switch value.content {
    case .scalar(let path) where !path.isEmpty:
      return importJSONSchema(PlacedText(text: path, place: value.place.advanced(by: value.textOffset)))
    case .mapping:
      guard var reader = MappingReader(value, "`schema`", diagnostics) else { return nil }
      let proto = reader.requiredText("proto", remedy: "name a file: {proto: payments.proto, message: Payment}")
      let message = reader.optionalText("message")
      reader.finish()
      return proto.flatMap { importProto($0, message: message) }
    default:
      diagnostics.report(
        "`schema` is \(value.kind)",
        at: value.place,
        remedy: "name a JSON Schema, or {proto: payments.proto, message: Payment}"
      )
      return nil
    }
  }

  private func readSchema(_ path: PlacedText, atMost most: Int) -> [UInt8]? {
    let file = besideFile(path.text)
    files.reads(file, as: "the schema")
    do throws(FileFacts.ReadProblem) {
      guard FileFacts.kind(file) != .pipe else { throw FileFacts.ReadProblem(reason: "it is a pipe") }
      let bytes = try FileFacts.read(file, atMost: most + 1)
      if bytes.count <= most { return bytes }
      throw FileFacts.ReadProblem(reason: "it is larger than \(most >> 20) MB")
    } catch {
      diagnostics.report(
        "cannot read the schema '\(path.text)': \(error.reason)",
        at: path.place,
        remedy: "check its name and your permissions"
      )
      return nil
    }
  }

  // MARK: JSON Schema

  private func importJSONSchema(_ path: PlacedText) -> ImportedSchema? {
    guard let bytes = readSchema(path, atMost: Self.largestSchema) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      diagnostics.report("the schema '\(path.text)' is not UTF-8", at: path.place, remedy: "name a JSON Schema")
      return nil
    }
    // YAML minds tabs, JSON does not; within texts, JSON has none.
    switch YAMLValue.parse(text.replacing("\t", with: " ")) {
    case .failure(let mistake):
      diagnostics.report(
        "the schema '\(path.text)', line \(mistake.place.line): \(mistake.message)",
        at: path.place,
        remedy: "name a JSON Schema"
      )
      return nil
    case .success(let root):
      do throws(JSONSchemaImport.Mistake) {
        return try JSONSchemaImport(root).columns("the schema '\(path.text)'")
      } catch {
        diagnostics.report(
          "the schema '\(path.text)', line \(error.line): \(error.path) \(error.message)",
          at: path.place,
          remedy: error.remedy
        )
        return nil
      }
    }
  }

  // MARK: Protobuf

  private func importProto(_ path: PlacedText, message: PlacedText?) -> ImportedSchema? {
    guard let bytes = descriptors(path) else { return nil }
    let descriptors: ProtoDescriptors
    do throws(ProtoDescriptors.Damage) { descriptors = try ProtoDescriptors(bytes) } catch {
      diagnostics.report(
        "the schema '\(path.text)' is no descriptor set",
        at: path.place,
        remedy:
          "write one with `protoc --include_imports --descriptor_set_out=FILE.desc FILE.proto`, or name the .proto file"
      )
      return nil
    }
    let all = descriptors.messages.filter { !$0.name.hasPrefix("google.protobuf.") }
    let names = all.map(\.name)
    let found =
      message.map { message in
        all.filter { $0.name == message.text || $0.name.hasSuffix("." + message.text) }
      } ?? all
    guard found.count == 1 else {
      diagnostics.report(
        message == nil
          ? "the schema '\(path.text)' has \(names.count) messages"
          : "the schema '\(path.text)' has \(found.isEmpty ? "no message" : "several messages") '\(message?.text ?? "")'",
        at: message?.place ?? path.place,
        remedy: "name one of them: message: \(names.prefix(12).joined(separator: ", "))"
      )
      return nil
    }
    return descriptors.columns(found[0])
  }

  /// A descriptor set, read from a file or made of a `.proto` file by protoc.
  private func descriptors(_ path: PlacedText) -> [UInt8]? {
    guard path.text.hasSuffix(".proto") else { return readSchema(path, atMost: Self.largestDescriptors) }
    guard readSchema(path, atMost: Self.largestSchema) != nil else { return nil }
    switch Protoc.descriptors(of: besideFile(path.text)) {
    case .success(let bytes): return bytes
    case .failure(let problem):
      diagnostics.report("\(problem.message) '\(path.text)'\(problem.detail)", at: path.place, remedy: problem.remedy)
      return nil
    }
  }
}

/// Protobuf's own compiler, which knows the language of `.proto` files.
private enum Protoc {
  struct Problem: Error {
    let message: String
    let detail: String
    let remedy: String
  }

  static func descriptors(of path: String) -> Result<[UInt8], Problem> {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard
      let program = folders.map({ "\($0)/protoc" }).first(where: { FileManager.default.isExecutableFile(atPath: $0) })
    else {
      return .failure(
        Problem(
          message: "there is no protoc to read",
          detail: "",
          remedy: "install it (apt-get install protobuf-compiler), or name a descriptor set that it wrote elsewhere: "
            + "`protoc --include_imports --descriptor_set_out=FILE.desc FILE.proto`"
        )
      )
    }
    let folder = (path as NSString).deletingLastPathComponent
    let process = Process()
    let (output, log) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: program)
    process.arguments = [
      "--proto_path=\(folder.isEmpty ? "." : folder)", "--include_imports", "--descriptor_set_out=/dev/stdout", path,
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = log
    do { try process.run() } catch {
      return .failure(
        Problem(message: "protoc does not start to read", detail: ": \(error)", remedy: "check \(program)")
      )
    }
    let bytes = [UInt8]((try? output.fileHandleForReading.readToEnd()) ?? Data())
    let said = String(decoding: (try? log.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    if process.terminationStatus == 0 { return .success(bytes) }
    let first = said.split(separator: "\n").first { !$0.lowercased().contains("warning") } ?? "it says nothing"
    return .failure(Problem(message: "protoc does not accept", detail: ": \(first)", remedy: "correct the file"))
  }
}
