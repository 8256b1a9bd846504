//! The words of the sample.

use publish::figures::NodeKind::{
    self, Component as C, Material as M, Process as P, Product as D, Service as S, Tool as T,
};

pub const FIELDS: [(&str, &str); 16] = [
    ("Artificial intelligence", "人工智能"),
    ("Quantum information", "量子信息"),
    ("Integrated circuits", "集成电路"),
    ("Life and health", "生命健康"),
    ("Brain science", "脑科学"),
    ("Biological breeding", "生物育种"),
    ("Aerospace technology", "空天科技"),
    ("Deep earth and deep sea", "深地深海"),
    ("Advanced nuclear energy", "先进核能"),
    ("Hydrogen and energy storage", "氢能与储能"),
    ("Advanced materials", "先进材料"),
    ("Intelligent robots", "智能机器人"),
    ("Next-generation networks", "下一代网络"),
    ("Gene technology", "基因技术"),
    ("Extended reality", "扩展现实"),
    ("Carbon capture, use and storage", "碳捕集利用与封存"),
];

pub const JURISDICTIONS: [(&str, &str); 10] = [
    ("China", "中国"),
    ("United States", "美国"),
    ("European Union", "欧盟"),
    ("Japan", "日本"),
    ("Korea", "韩国"),
    ("United Kingdom", "英国"),
    ("Germany", "德国"),
    ("France", "法国"),
    ("Australia", "澳大利亚"),
    ("India", "印度"),
];

pub const SCENARIOS: [(&str, &str); 12] = [
    ("EUV lithography withheld", "极紫外光刻机断供"),
    ("Photoresist from one country stops", "单一国家光刻胶断供"),
    ("Gallium export control", "镓出口管制"),
    ("High-bandwidth memory withheld", "高带宽存储断供"),
    ("Design software licences end", "设计软件许可终止"),
    ("Neon supply halves", "氖气供应减半"),
    ("Servo motors and reducers delayed", "伺服电机与减速器延期"),
    ("Lithium price triples", "锂价上涨两倍"),
    (
        "Helium supply interrupted for half a year",
        "氦气供应中断半年",
    ),
    ("Accelerator cards withheld", "加速卡断供"),
    ("Port closed for eight weeks", "港口关闭八周"),
    ("Rare-earth magnets short", "稀土永磁短缺"),
];

pub const CLUSTERS: [(&str, &str, f64, f64); 30] = [
    ("Shanghai", "上海", 121.458, 31.222),
    ("Beijing", "北京", 116.397, 39.908),
    ("Shenzhen", "深圳", 114.068, 22.546),
    ("Guangzhou", "广州", 113.250, 23.117),
    ("Hangzhou", "杭州", 120.161, 30.294),
    ("Suzhou", "苏州", 120.596, 31.304),
    ("Wuxi", "无锡", 120.289, 31.569),
    ("Nanjing", "南京", 118.778, 32.062),
    ("Hefei", "合肥", 117.281, 31.864),
    ("Ningbo", "宁波", 121.550, 29.875),
    ("Wuhan", "武汉", 114.267, 30.583),
    ("Changsha", "长沙", 112.967, 28.199),
    ("Chengdu", "成都", 104.067, 30.667),
    ("Chongqing", "重庆", 106.553, 29.563),
    ("Xi'an", "西安", 108.929, 34.258),
    ("Tianjin", "天津", 117.177, 39.142),
    ("Qingdao", "青岛", 120.380, 36.066),
    ("Jinan", "济南", 116.997, 36.668),
    ("Shenyang", "沈阳", 123.433, 41.792),
    ("Harbin", "哈尔滨", 126.650, 45.750),
    ("Dalian", "大连", 121.602, 38.912),
    ("Xiamen", "厦门", 118.082, 24.480),
    ("Fuzhou", "福州", 119.306, 26.061),
    ("Dongguan", "东莞", 113.749, 23.018),
    ("Foshan", "佛山", 113.131, 23.027),
    ("Zhuhai", "珠海", 113.568, 22.277),
    ("Zhengzhou", "郑州", 113.649, 34.758),
    ("Kunming", "昆明", 102.718, 25.039),
    ("Lanzhou", "兰州", 103.840, 36.057),
    ("Urumqi", "乌鲁木齐", 87.600, 43.801),
];

pub const LAYERS: [(&str, &str); 6] = [
    ("Raw materials", "原材料"),
    ("Refined materials", "精炼材料"),
    ("Parts and tools", "零部件与工具"),
    ("Processes", "工艺"),
    ("Devices", "器件"),
    ("Systems and services", "系统与服务"),
];

pub const CHAIN: [(&str, usize, NodeKind, &str, &str); 45] = [
    ("quartz", 0, M, "High-purity quartz sand", "高纯石英砂"),
    ("gallium", 0, M, "Gallium", "镓"),
    ("fluor", 0, M, "Fluorspar", "萤石"),
    ("rare", 0, M, "Rare-earth ore concentrates", "稀土精矿"),
    ("neon", 0, M, "Neon", "氖气"),
    ("copper", 0, M, "Copper", "铜"),
    (
        "silicon",
        1,
        M,
        "Polysilicon, electronic grade",
        "电子级多晶硅",
    ),
    (
        "hf",
        1,
        M,
        "Hydrofluoric acid, electronic grade",
        "电子级氢氟酸",
    ),
    (
        "resist",
        1,
        M,
        "Photoresist for deep and extreme ultraviolet",
        "深紫外与极紫外光刻胶",
    ),
    ("target", 1, M, "Sputtering targets", "溅射靶材"),
    ("gas", 1, M, "Excimer laser gases", "准分子激光气体"),
    (
        "oxide",
        1,
        M,
        "Separated rare-earth oxides",
        "分离稀土氧化物",
    ),
    ("gan", 1, M, "Gallium nitride epitaxy", "氮化镓外延"),
    ("slurry", 1, M, "Polishing slurry", "抛光液"),
    ("wafer", 2, C, "Silicon wafers, 300 mm", "300毫米硅片"),
    ("mask", 2, C, "Photomasks", "光掩模"),
    (
        "euv",
        2,
        T,
        "Extreme ultraviolet lithography scanners",
        "极紫外光刻机",
    ),
    (
        "duv",
        2,
        T,
        "Deep ultraviolet immersion scanners",
        "深紫外浸没式光刻机",
    ),
    ("etch", 2, T, "Plasma etchers", "等离子刻蚀机"),
    ("depo", 2, T, "Deposition tools", "薄膜沉积设备"),
    ("metro", 2, T, "Inspection and metrology", "检测与量测设备"),
    (
        "eda",
        2,
        T,
        "Electronic design automation",
        "电子设计自动化软件",
    ),
    ("ip", 2, C, "Core processor designs", "处理器内核设计"),
    (
        "magnet",
        2,
        C,
        "Neodymium-iron-boron magnets",
        "钕铁硼永磁体",
    ),
    ("substrate", 2, C, "Package substrates", "封装基板"),
    ("clean", 2, T, "Wet cleaning tools", "湿法清洗设备"),
    (
        "logic7",
        3,
        P,
        "Logic manufacturing at 7 nm and below",
        "7纳米及以下逻辑制造",
    ),
    (
        "logic28",
        3,
        P,
        "Logic manufacturing at 28 nm",
        "28纳米逻辑制造",
    ),
    ("dram", 3, P, "Memory manufacturing", "存储器制造"),
    ("power", 3, P, "Power device manufacturing", "功率器件制造"),
    ("pack", 3, P, "Advanced packaging", "先进封装"),
    ("test", 3, T, "Testers", "测试设备"),
    ("motor", 3, P, "Motor winding", "电机绕组"),
    ("gpu", 4, C, "Accelerator chips", "加速芯片"),
    ("cpu", 4, C, "Server processors", "服务器处理器"),
    ("hbm", 4, C, "High-bandwidth memory", "高带宽存储器"),
    ("nic", 4, C, "Optical modules", "光模块"),
    ("psu", 4, C, "Power supplies", "电源"),
    ("mcu", 4, C, "Microcontrollers", "微控制器"),
    ("servo", 4, C, "Servo motors", "伺服电机"),
    ("reducer", 4, C, "Harmonic reducers", "谐波减速器"),
    (
        "server",
        5,
        D,
        "Servers for artificial intelligence",
        "人工智能服务器",
    ),
    ("robot", 5, D, "Humanoid robots", "人形机器人"),
    ("vehicle", 5, D, "Electric vehicles", "电动汽车"),
    ("cloud", 5, S, "Computing services", "算力服务"),
];

/// `from mark to`; `-` material, `t` tool, `o` one of several.
pub const LINKS: &str = "
quartz - silicon
gallium - gan
fluor - hf
rare - oxide
neon - gas
copper - target
silicon - wafer
oxide - magnet
quartz - mask
gas - duv
gas - euv
copper - substrate
hf - clean
slurry - logic7
slurry - logic28
resist - logic7
resist - logic28
resist - dram
target - logic7
target - dram
gan - power
wafer - logic7
wafer - logic28
wafer - dram
wafer - power
mask - logic7
mask - logic28
euv to logic7
duv to logic7
duv t logic28
duv t dram
etch t logic7
etch t logic28
etch t dram
depo t logic7
depo t dram
metro t logic7
clean t power
eda t gpu
eda t cpu
ip - cpu
substrate - pack
logic7 - gpu
logic7 o cpu
logic28 o cpu
dram - hbm
pack - gpu
pack - hbm
test t gpu
test t hbm
logic28 - mcu
power - psu
magnet - servo
motor - servo
copper - motor
gpu - server
cpu - server
hbm - server
nic - server
psu - server
psu - vehicle
mcu - vehicle
mcu - robot
servo - robot
servo - vehicle
reducer - robot
gpu o robot
cpu o robot
server - cloud
gallium - nic
";
