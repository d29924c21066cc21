import CBackend
import GeneratedBlink
import GeneratedPatternGeneration
import GeneratedStoreRecall
import IntegerModel
import Planning

/// A network of Generated/ as it was compiled into this process, on memory of its own.
final class CompiledNetwork {
  /// The functions of a network's C, on the memory of its struct.
  struct Functions {
    var size: Int
    var initialise: (UnsafeMutableRawPointer) -> Void
    var reset: (UnsafeMutableRawPointer) -> Void
    var step: (UnsafeMutableRawPointer, [UInt16]) -> Void
    var readout: (UnsafeMutableRawPointer) -> UnsafePointer<Int32>
    var learn: (UnsafeMutableRawPointer, [Int32]) -> Void
    var update: (UnsafeMutableRawPointer) -> Int32
    var save: (UnsafeMutableRawPointer, UnsafeMutablePointer<UInt8>) -> Void
    var load: (UnsafeMutableRawPointer, [UInt8]) -> Int32
  }

  let functions: Functions
  private let memory: UnsafeMutableRawPointer
  private let plan: FixedPlan

  init(_ plan: FixedPlan) {
    self.plan = plan
    functions =
      switch plan.name {
      case "blink": .blink
      case "pattern_generation": .patternGeneration
      case "store_recall": .storeRecall
      default: preconditionFailure("\(plan.name) is not in Generated/")
      }
    memory = .allocate(byteCount: functions.size, alignment: 16)
    memory.initializeMemory(as: UInt8.self, repeating: 0xA5, count: functions.size)
    functions.initialise(memory)
  }

  deinit { memory.deallocate() }

  func reset() { functions.reset(memory) }
  func step(_ spikes: [UInt16]) { functions.step(memory, spikes) }
  func learn(_ target: [Int32]) { functions.learn(memory, target) }
  func update() -> Int32 { functions.update(memory) }
  func load(_ image: [UInt8]) -> Int32 { functions.load(memory, image) }

  var readout: [Int32] {
    Array(UnsafeBufferPointer(start: functions.readout(memory), count: plan.readout.count))
  }

  var image: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: plan.imageBytes)
    bytes.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { functions.save(memory, base) } }
    return bytes
  }

  /// A member of the struct, where the plan says that it is: the struct has no holes.
  func member<Element>(_ name: String, as type: Element.Type) -> [Element] {
    var offset = 0
    for field in plan.memory.ram {
      if field.name == name {
        let start = (memory + offset).assumingMemoryBound(to: type)
        return Array(UnsafeBufferPointer(start: start, count: max(1, field.count)))
      }
      offset += field.bytes
    }
    preconditionFailure("there is no member \(name)")
  }

  /// The neurons that fired in the last step.
  var spikes: [UInt16] {
    let ends = member("spike_end", as: UInt16.self)
    return Array(member("spikes", as: UInt16.self)[..<Int(ends[ends.count - 1])])
  }
}

extension CompiledNetwork.Functions {
  static var blink: Self {
    Self(
      size: MemoryLayout<blink_net>.size, initialise: { blink_init($0.net()) }, reset: { blink_reset($0.net()) },
      step: { blink_step($0.net(), $1, UInt16($1.count)) }, readout: { blink_readout($0.net()) },
      learn: { blink_learn($0.net(), $1) }, update: { Int32(blink_update($0.net()).rawValue) },
      save: { blink_save($0.net(), $1) }, load: { Int32(blink_load($0.net(), $1, UInt32($1.count)).rawValue) })
  }

  static var patternGeneration: Self {
    Self(
      size: MemoryLayout<pattern_generation_net>.size, initialise: { pattern_generation_init($0.net()) },
      reset: { pattern_generation_reset($0.net()) },
      step: { pattern_generation_step($0.net(), $1, UInt16($1.count)) },
      readout: { pattern_generation_readout($0.net()) }, learn: { pattern_generation_learn($0.net(), $1) },
      update: { Int32(pattern_generation_update($0.net()).rawValue) },
      save: { pattern_generation_save($0.net(), $1) },
      load: { Int32(pattern_generation_load($0.net(), $1, UInt32($1.count)).rawValue) })
  }

  static var storeRecall: Self {
    Self(
      size: MemoryLayout<store_recall_net>.size, initialise: { store_recall_init($0.net()) },
      reset: { store_recall_reset($0.net()) }, step: { store_recall_step($0.net(), $1, UInt16($1.count)) },
      readout: { store_recall_readout($0.net()) }, learn: { store_recall_learn($0.net(), $1) },
      update: { Int32(store_recall_update($0.net()).rawValue) }, save: { store_recall_save($0.net(), $1) },
      load: { Int32(store_recall_load($0.net(), $1, UInt32($1.count)).rawValue) })
  }
}

extension UnsafeMutableRawPointer {
  fileprivate func net<Net>() -> UnsafeMutablePointer<Net> { assumingMemoryBound(to: Net.self) }
}
