/** Chapters 25–49. Columns as in catalogue.ts. */
export const CHEMICALS = `
2523290000|0.4|0.085|0.12|44000|1.01|-|IR*4 UZ*4@.95 CN*2@1.1|-|Portland cement M500 D0, in big bags
2710194210|0.4|0.78|0.10|52000|1.00|-|UZ*2 TM*3@.9 CN@1.1|-|Diesel fuel, sulphur up to 10 mg/kg
2710198200|0.7|2.70|0.28|6200|1.10|-|DE*4@1.2 AE*4@.8 TR*2@.9 BE*2@1.25|Motorex Line;Castline;Lukoria|Motor oil 5W-30 synthetic, in cans of 4 l
2818200000|0.3|0.46|0.08|60000|1.01|-|CN*5 IN*3@1.02|-|Aluminium oxide (alumina), metallurgical
2827200000|0.2|0.33|0.14|22000|1.02|-|CN*7 IR*2@.9|-|Calcium chloride, technical, in bags
2903771000|0.2|6.80|0.22|9000|1.25|-|CN*6 IN*2@1.05|-|Refrigerant gas R-22 (chlorodifluoromethane) in cylinders;Refrigerant gas R-12 in cylinders
2918140000|0.3|1.05|0.10|21000|1.02|-|CN*8 TH*2@1.15 AT@1.4|-|Citric acid monohydrate, in 25 kg bags
2933610000|0.2|1.30|0.10|20000|1.02|-|CN*8 QA@1.1 DE@1.5|-|Melamine powder, 99.8 %
2941100000|0.2|38.0|0.40|400|1.15|-|CN*4 IN*3@1.05 AT@2.2|-|Amoxicillin trihydrate, substance
3004200002|0.8|95.0|0.70|320|1.25|-|IN*4@.55 DE*3@1.5 SI*2@1.2 TR*2@.8|Farmacare;Bionorika Line|Antibiotic tablets for retail sale;Amoxicillin capsules 500 mg
3004900002|1.2|120|0.80|380|1.25|-|IN*4@.5 DE*4@1.5 FR*2@1.4 TR*3@.75|Farmacare;Medisana|Medicines for retail sale: ibuprofen tablets 400 mg;Medicines for retail sale: ointments
3102309000|0.3|0.33|0.14|60000|1.01|-|UZ*6 CN*2@1.1|-|Ammonium nitrate fertiliser, in big bags
3105200000|0.3|0.52|0.15|50000|1.01|-|CN*3 UZ*2@.95 IR@.85|-|Complex NPK fertiliser 16:16:16
3206110000|0.3|2.55|0.11|18000|1.02|-|CN*8 DE*2@1.35 MX@1.25|-|Titanium dioxide pigment, rutile, in 25 kg bags
3208109000|0.5|3.30|0.35|4200|1.12|-|TR*5 CN*3@.75 DE*2@1.7 PL*2@1.1|Marshel;Dekorativa|Alkyd enamel paint in cans
3303001000|0.5|62.0|0.75|260|1.60|l112:.85|FR*5@1.5 AE*4@.6 TR*3@.4 ES*2|Maison Lavelle;Orientale;Nuit Claire|Perfume, eau de parfum 50 ml
3304990000|0.9|24.0|0.60|700|1.35|-|FR*3@1.7 KR*5 PL*2@.7 CN*4@.5 DE@1.3|Hanbit;Florelle;Dermaline|Face cream 50 ml;Skin care sets;Body lotion 250 ml
3305100000|0.6|4.20|0.40|4100|1.16|-|TR*4@.8 PL*3 KR*2@1.6 DE*2@1.3|Hanbit;Schaumel|Shampoo 400 ml
3401300000|0.3|3.10|0.35|3600|1.14|-|TR*5 CN*2@.8 DE*2@1.6|Schaumel;Dalan Line|Liquid soap and shower gel
3402500000|0.7|1.60|0.30|9500|1.08|-|TR*5 UZ*2@.75 CN*2@.85 DE@1.7|Pervia;Ariana White|Washing powder, automatic, 3 kg packs
3808911000|0.3|9.80|0.40|2600|1.14|l112:1|CN*5@.8 DE*3@1.5 IN*2@.75|Agrostop;Insektal|Insecticide, deltamethrin 2.5 % emulsion
3808932700|0.4|7.20|0.35|6100|1.12|l112:1|CN*5@.8 DE*3@1.45 IN*2@.8|Herbitox;Roundel|Herbicide, glyphosate 360 g/l
3901209009|0.5|1.28|0.10|24000|1.02|-|UZ*4@.96 IR*4@.9 CN@1.1 KR*2@1.12|-|High-density polyethylene, granules
3902100000|0.5|1.22|0.10|24000|1.02|-|CN*3@1.05 IR*2@.9 UZ*3 KR@1.1|-|Polypropylene, primary, granules
3917239000|0.4|3.60|0.35|3600|1.08|-|CN*5@.8 TR*4|Firat Line|PVC pipes and fittings, rigid
3923301090|0.4|3.40|0.35|3200|1.14|-|CN*5@.9 TR*3 UZ*2@.8|-|Plastic bottles up to 2 l, PET preforms
3924900009|0.7|4.40|0.45|3000|1.18|-|CN*8@.8 TR*4@1.1|Plastix Home|Household articles of plastics: basins, buckets;Plastic bathroom accessories
3926909709|0.9|6.90|0.70|1400|1.18|-|CN*8@.8 TR*3 DE*2@2.1 KR@1.4|-|Articles of plastics, fasteners and clips for cars;Plastic cable ties
4011100003|1.0|4.60|0.24|7800|1.02|pcs796:9.2|CN*7@.75 KR*3@1.15 JP*3@1.45 TR*2|Petromax;Hanyang;Yokota|Pneumatic tyres for cars, summer, 205/55 R16;Pneumatic tyres for cars, winter, 195/65 R15
4011201000|0.9|3.60|0.20|14000|1.01|pcs796:48|CN*8@.85 TH*2@1.05 JP*2@1.5 TR*2|Doublestone;Trigon;Bridgeway|Pneumatic tyres for lorries and buses 315/80 R22.5
4016930005|0.4|13.5|0.60|420|1.15|-|DE*3@1.6 CN*5@.6 TR*3|-|Rubber seals and gaskets
4202221000|0.5|20.0|0.65|700|1.25|pcs796:.6|CN*8@.7 TR*3 IT*2@4.5|Bella Donna;Vertello;Cardenne|Handbags with outer surface of plastic sheeting
4202929800|0.5|14.0|0.55|1300|1.22|pcs796:.75|CN*9@.8 TR*2@1.2 VN*2@1.4|Sportiq;Northbag|Travel bags and rucksacks of textile materials
4412330000|0.3|0.95|0.16|20000|1.02|m3 113:600|CN*7|-|Plywood, birch faced, 12 mm
4410110000|0.3|0.42|0.14|21000|1.01|m3 113:650|CN*5@1.1 TR*2@1.2 UZ@.9|-|Particle board, laminated, 16 mm
4802559009|0.3|1.05|0.12|19000|1.04|-|CN*3 ID*4@.95 UZ@.9|Snow Copy|Offset paper in rolls, 80 g/m²;Office paper A4, 80 g/m²
4818401100|0.6|4.10|0.30|5200|1.15|-|CN*4@.8 TR*4@.95 PL*2@1.2 JP*2@1.9|Babyland;Bambini|Babies' napkins (diapers)
4819100000|0.3|1.25|0.25|5200|1.06|-|CN*4 UZ*3@.85 TR@1.2|-|Cartons and boxes of corrugated board
`;
