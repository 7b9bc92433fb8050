/** Chapters 84–97. Columns as in catalogue.ts. */
export const MACHINES = `
8408201000|0.2|13.5|0.35|2400|1.12|pcs796:420|CN*5@.7 DE*3@1.6 JP*2@1.3|Cumtech;Weifang|Diesel engines for lorries
8409990009|0.6|17.5|0.55|800|1.14|-|CN*6@.65 DE*4@1.7 JP*3@1.5 TR*2|-|Parts of diesel engines: pistons, liners
8413704500|0.4|19.0|0.50|900|1.16|pcs796:32|CN*5@.6 IT*3@1.2 DE*3@1.7|Grundfjord;Pedrella|Centrifugal pumps, single-stage
8414592000|0.3|14.0|0.45|900|1.18|pcs796:4|CN*8@.75 DE*2@2 TR*2|-|Axial fans, industrial
8415101000|0.7|8.60|0.30|4600|1.12|pcs796:42|CN*8@.9 KR*3@1.4 TH*3@1.2|Gree Line;Midera;Sansara|Air conditioners, split systems, wall-mounted
8418102001|0.7|5.90|0.25|5600|1.12|pcs796:62|CN*5@.85 TR*4@1.05 UZ*3@.8 KR*2@1.5|Artelon;Bekoral;Sansara|Combined refrigerator-freezers
8421230000|0.4|13.0|0.50|700|1.18|pcs796:.6|CN*5@.6 DE*3@1.7 TR*3 KR*2@1.1|Filtrona;Boscher|Oil and fuel filters for engines
8421392009|0.2|32.0|0.60|500|1.15|-|CN*3@.6 DE*3@1.5 US*2@1.7|-|Filtering equipment for industrial gases
8424410000|0.2|12.0|0.50|900|1.16|pcs796:6|CN*8@.8 TR*2@1.2|-|Portable sprayers, agricultural
8428102002|0.2|10.5|0.40|7200|1.10|pcs796:1800|CN*6@.8 DE*2@1.8 TR*2@1.1|Kleeman Line|Passenger lifts, electric
8429110090|0.3|9.40|0.22|22000|1.01|pcs796:22000|CN*6@.75 JP*3@1.4 US*2@1.5|Shantry;Komori|Crawler bulldozers
8429521009|0.4|9.20|0.24|22000|1.01|pcs796:22000|CN*6@.75 KR*3@1.2 JP*3@1.4|Hanjin Heavy;Komori|Hydraulic excavators, 360° revolving
8430410000|0.2|28.0|0.50|14000|1.03|-|CN*5@.7 US*3@1.6 CA@1.5|-|Drilling machinery, self-propelled
8433510009|0.3|13.0|0.22|13000|1.01|pcs796:13000|DE*4@1.2 CN*3@.6 US*2@1.3|Klaass;Rostel|Combine harvesters
8436100000|0.2|9.50|0.40|5200|1.06|-|CN*4@.75 TR*3 IT*2@1.6|-|Machinery for preparing animal feed
8443321009|0.4|17.5|0.45|900|1.25|pcs796:7|CN*7 VN*3@1.05 JP@1.6|Episonic;Kanovo|Printers, laser, monochrome
8450111100|0.6|5.10|0.25|6200|1.10|pcs796:64|CN*6@.9 TR*3@1.05 KR*2@1.4|Artelon;Sansara;Bekoral|Washing machines, fully automatic, 7 kg
8458112009|0.2|19.5|0.40|6200|1.05|pcs796:3600|CN*4@.7 TW*2 DE*2@2 KR*2@1.3|-|Turning centres, numerically controlled
8471300000|1.0|165|0.45|520|1.24|pcs796:2.1|CN*9 VN*2@1.05 TW@1.2|Lenora;Astek;Orchardo|Portable computers, notebooks 15.6"
8471500000|0.5|92.0|0.70|420|1.22|pcs796:9|CN*6 MY*2@1.3 US*2@1.8 TW@1.2|Lenora;Servix|Server computers, rack-mounted;Processing units
8473302008|0.4|190|0.75|160|1.25|-|CN*6 TW*3@1.3 MY*2@1.1|Kingsley;Astek|Memory modules and graphic cards for computers
8481808199|0.4|11.0|0.45|1800|1.12|-|CN*7@.8 DE*2@2.2 IT*2@1.5 TR*2|-|Gate valves, steel, DN 50–300
8482109008|0.5|7.60|0.40|1800|1.08|pcs796:.35|CN*7@.75 JP*2@1.9 DE*2@2.1 IN*2@.9|Skarn;Nordlager|Ball bearings, outer diameter up to 150 mm
8483409000|0.2|13.0|0.50|1100|1.12|-|CN*5@.65 DE*3@1.7 IT*2@1.3|-|Gear boxes and reducers
8501522001|0.3|7.90|0.40|1700|1.12|pcs796:48|CN*7@.8 DE*2@2 TR*2@1.1|-|Electric motors, AC, three-phase, 5.5 kW
8504408200|0.5|24.0|0.60|700|1.18|-|CN*8@.85 DE*2@1.9 TW@1.3|Huadian Power|Rectifiers and inverters
8507208000|0.5|2.90|0.25|7800|1.05|pcs796:16|CN*5@.9 KR*4@1.1 TR*3|Mutlo;Delcor|Lead-acid accumulators
8507600000|0.5|31.0|0.45|900|1.15|pcs796:.9|CN*9 KR*2@1.3|-|Lithium-ion accumulators
8508110000|0.3|10.5|0.35|2200|1.22|pcs796:5|CN*9@.9 DE@2.2|Deermo;Karchel|Vacuum cleaners up to 1500 W
8516797000|0.4|8.60|0.40|2600|1.22|pcs796:2.4|CN*8@.85 TR*2@1.15|Polarisa;Tefla Home|Electrothermic kitchen appliances: multicookers
8517130000|1.3|720|0.50|140|1.35|pcs796:.21|CN*9 VN*4@1.15 IN*2@1.1|Orchardo;Sansara;Xintong;Honoria|Smartphones, 128 GB, dual SIM
8517620009|0.6|135|0.75|260|1.28|-|CN*8 MY@1.3 US*2@2 VN*2|Huadian;Netkom;Linq|Routers and base station equipment;Wireless access points
8518309500|0.5|58.0|0.70|260|1.32|pcs796:.12|CN*9@.85 VN*2@1.6|Orchardo;Tonica;Xintong|Wireless headphones in charging case
8523519900|0.3|210|0.65|90|1.28|pcs796:.02|CN*8 TW*3@1.2|Kingsley|Flash memory drives
8525891900|0.3|96.0|0.65|180|1.40|pcs796:.6|CN*8 VN@1.2|Vistacam;Dahlia Vision|Video surveillance cameras, IP, night vision
8526912000|0.2|145|0.65|90|1.40|pcs796:.35|CN*6 TW*2@1.2 DE@1.9|Garmond|Radio navigation receivers
8528721000|0.7|10.5|0.30|4100|1.22|pcs796:14|CN*7@.9 UZ*3@.85 VN@1.1|Sansara;Artelon;Xintong|Television sets, LED, 43–55"
8536501109|0.5|21.0|0.55|700|1.18|-|CN*7@.75 TR*4@.85 DE*2@1.8 FR*2@1.6|Schneidel;Viko Line|Switches and automatic circuit breakers
8539520000|0.4|13.0|0.50|900|1.30|pcs796:.09|CN*9@.9|Lumilux;Kamelion|LED lamps, E27, 11 W
8544499509|0.5|8.20|0.30|4200|1.05|-|CN*5@.9 TR*4 UZ*4@.92|-|Electric cables, copper conductors, up to 1000 V
8545110080|0.2|4.80|0.18|16000|1.03|-|CN*7 IN*2@1.1 JP@1.6|-|Graphite electrodes for electric furnaces, 450 mm
8703231940|0.7|9.80|0.20|2900|1.00|pcs796:1450|CN*6@.85 JP*3@1.25 KR*4 DE*2@2.1|Cherion;Hanjin;Tomiya|Passenger cars, petrol, 1.5–1.8 l, new
8703800002|0.5|14.5|0.20|3400|1.00|pcs796:1700|CN*9@.9 KR@1.2 US@1.6|Bida Auto;Zeekro|Passenger electric cars
8704219100|0.3|7.20|0.20|5200|1.00|pcs796:2600|CN*7@.9 KR*2@1.15|Foton Line;Hanjin|Lorries, diesel, gross weight up to 5 t
8701211000|0.3|7.90|0.20|8600|1.00|pcs796:8600|CN*8@.85 DE*2@1.5|Shakman;Sitrax|Road tractors for semi-trailers
8708309109|0.7|7.90|0.45|1600|1.12|-|CN*7@.7 DE*3@1.8 TR*4@.9 KR*3@1.1|Boscher;Brembo Line|Brake pads for passenger cars
8708705009|0.5|5.60|0.16|6200|1.08|pcs796:9|CN*8@.95 TR*2@1.2 TW@1.25|Skadi|Aluminium wheels for passenger cars, R16–R18
8708999709|0.7|8.80|0.55|1500|1.14|-|CN*7@.7 KR*3@1.1 JP*3@1.5 DE*2@1.8|-|Parts of vehicle bodies and chassis
8711209200|0.2|9.40|0.35|4200|1.05|pcs796:118|CN*9 IN*2@.95 JP@1.8|Lifang;Racer Moto|Motorcycles, petrol, 150 cc
9018908409|0.4|150|0.85|140|1.45|-|DE*4@1.3 CN*4@.5 US*2@1.7 JP*2@1.4|-|Medical instruments and apparatus: monitors
9021101000|0.2|190|0.70|60|1.50|-|DE*4@1.3 CN*3@.5 CH@1.8|-|Orthopaedic implants
9026202000|0.2|115|0.60|120|1.30|-|CN*3@.5 DE*4@1.4 US*2@1.6|Emersen;Wikar|Pressure gauges and transmitters
9027899009|0.2|190|0.75|110|1.35|-|DE*4@1.2 CN*3@.5 US*3@1.4|-|Instruments for chemical analysis
9031803800|0.2|130|0.70|140|1.35|-|DE*3@1.4 CN*3@.6 JP*2@1.3|-|Measuring machines and optical comparators
9401610000|0.5|4.90|0.40|3600|1.15|pcs796:18|CN*5@.85 TR*5 UZ*2@.75|Istikbal Line;Bellona|Upholstered seats with wooden frames
9403509009|0.5|2.70|0.35|6200|1.08|-|CN*4@.95 TR*5 UZ*2@.75 MY*2|Istikbal Line;Bellona|Wooden bedroom furniture
9403609009|0.4|2.90|0.40|5200|1.08|-|CN*5@.9 TR*5 PL*2@1.4|Bellona|Wooden furniture for living rooms
9405110030|0.4|9.80|0.50|1700|1.24|-|CN*8@.85 TR*3@1.1|Luminara|Chandeliers and ceiling lamps, LED
9503007500|0.7|9.20|0.50|2600|1.24|-|CN*9@.85 TR@1.2|Brickland;Dollina;Racerly|Toys of plastics: construction sets;Toys with electric motor
9504500001|0.2|92.0|0.40|260|1.40|pcs796:3.6|CN*6 JP*2@1.2|Gamix;Pixelro|Video game consoles
9506919000|0.2|5.60|0.45|3200|1.10|-|CN*8@.85 TW@1.6|Sportiq|Exercise equipment, treadmills
9619008109|0.4|4.40|0.30|4200|1.16|-|CN*4@.85 TR*4 PL*2@1.2|Babyland|Sanitary towels and napkins
`;
